// What users mistype and disks damage: one line, exit code 2, nothing written.

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>

#include "apps/files/npy.h"
#include "tests/apps/view/view_program.h"

namespace fleet {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

void expect_refused(const std::string& folder, const std::string& arguments,
                    const std::string& reason, int code = 2) {
  SCOPED_TRACE("fleet-view " + arguments);
  const auto before = contents(folder);
  const Outcome outcome = run_view_on("", folder, arguments).outcome;
  EXPECT_EQ(outcome.code, code);
  EXPECT_THAT(outcome.error, StartsWith("fleet: "));
  EXPECT_THAT(outcome.error, HasSubstr(reason));
  EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
  EXPECT_EQ(contents(folder), before);
}

void save_motion(const std::string& file, std::vector<std::int64_t> shape, double value) {
  std::int64_t size = 1;
  for (const std::int64_t n : shape) {
    size *= n;
  }
  std::vector<double> values(static_cast<std::size_t>(size), value);
  files::save_npz(file, {make_field("qpos", std::move(shape), values.data())});
}

TEST(ViewHostileTest, CommandLines) {
  const files::TemporaryFolder folder;
  for (const auto& [arguments, reason] : std::vector<std::pair<std::string, std::string>>{
           {"", "subject is required"},
           {"go1-flt", "did you mean 'go1-flat'?"},
           {"go1-flat --agent best", "--agent"},
           {"go1-flat --frames 0", "'0' is no whole number"},
           {"go1-flat --num-envs 0", "'0' is no whole number"},
           {"go1-flat --width 10", "'10' is no whole number"},
           {"go1-flat --fames 3", "--frames"},
           {"go1-flat --screenshot a.png", "--screenshot: needs --frames"},
           {"go1-flat --frames 1 --screenshot no/such/a.png", "no/such"},
           {"go1-flat --frames 1 --json no/such/a.json", "no/such"},
           {"go1-flat velocity.puhs.enabled=false", "push"},
           {"go1-flat --script missing", "missing"},
           {"go1-flat options.backend=lanes", "mujoco"},
           {"gym/Hopper --agent trained", "has no trained policy"}}) {
    expect_refused(folder.path(), arguments, reason);
  }
}

TEST(ViewHostileTest, Runs) {
  const files::TemporaryFolder folder;
  std::filesystem::create_directories(folder / "empty");
  write_text(folder / "motion.npz", "");
  expect_refused(folder.path(), "empty", "is no run folder");
  expect_refused(folder.path(), "motion.npz", "a recording is opened by TASK --replay FILE");
  const std::string shipped = std::string(FLEET_SOURCE_DIR) + "/policies/go1-flat";
  std::filesystem::copy(shipped, folder / "run", std::filesystem::copy_options::recursive);
  const std::string policy = read_text(folder / "run/policy.safetensors");
  for (const std::string& damaged :
       {policy.substr(0, policy.size() / 2), std::string("junk"), std::string(), policy + "x"}) {
    write_text(folder / "run/policy.safetensors", damaged);
    expect_refused(folder.path(), "run", "policy.safetensors");
  }
  const std::string config = read_text(folder / "run/params/run.yaml");
  const std::size_t train = config.find("\ntrain:\n");
  ASSERT_NE(train, std::string::npos);
  write_text(folder / "run/params/run.yaml",
             std::string(config).insert(train + 8, "  skills: {goto: a, hit: b}\n"));
  expect_refused(folder.path(), "run", "train.skills: expected none, because the task is no match");
  write_text(folder / "run/params/run.yaml", config);
  std::filesystem::remove(folder / "run/policy.safetensors");
  expect_refused(folder.path(), "run", "run");  // and no checkpoint either
  write_text(folder / "run/params/run.yaml", "name: [");
  expect_refused(folder.path(), "run", "run.yaml");
}

TEST(ViewHostileTest, Recordings) {
  const files::TemporaryFolder folder;
  save_motion(folder / "good.npz", {3, 1, 7}, 0.5);
  const std::string good = read_text(folder / "good.npz");
  for (std::size_t size = 0; size < good.size(); size += good.size() / 5) {
    write_text(folder / "cut.npz", good.substr(0, size));
    expect_refused(folder.path(), "volley/hover --replay cut.npz", "cut.npz");
  }
  for (const std::vector<std::int64_t>& shape :
       {std::vector<std::int64_t>{3, 7}, {3, 1, 6}, {0, 1, 7}, {3, 0, 7}, {3, 1, 1, 7}}) {
    save_motion(folder / "shape.npz", shape, 0.5);
    expect_refused(folder.path(), "volley/hover --replay shape.npz", "has shape");
  }
  save_motion(folder / "nan.npz", {3, 1, 7}, std::nan(""));
  expect_refused(folder.path(), "volley/hover --replay nan.npz", "not finite");
  save_motion(folder / "far.npz", {3, 1, 7}, 1e11);
  expect_refused(folder.path(), "volley/hover --replay far.npz", "beyond 1e+10");
  save_motion(folder / "drone.npz", {3, 1, 7}, 0.5);
  expect_refused(folder.path(), "gym/Hopper --replay drone.npz", "expected (steps, num_envs, 6)");
  expect_refused(folder.path(), "volley/hover --replay none.npz", "none.npz");
  expect_refused(folder.path(), "volley/hover --replay .", "not a regular file");
}

TEST(ViewHostileTest, ExportedPolicies) {
  const files::TemporaryFolder folder;
  const std::string foreign = FLEET_SOURCE_DIR "/tests/apps/onnx/golden/mjlab.onnx";
  const std::string sound = read_text(foreign);
  write_text(folder / "foreign.onnx", sound);
  std::filesystem::create_directories(folder / "two");
  write_text(folder / "two/a.onnx", sound);
  write_text(folder / "two/b.onnx", sound);
  std::filesystem::create_directories(folder / "folder.onnx");
  for (const auto& [arguments, reason] : std::vector<std::pair<std::string, std::string>>{
           {"none.onnx", "none.onnx: cannot be opened"},
           {"folder.onnx", "folder.onnx: is not a regular file"},
           {"two", "two: holds 2 .onnx files; name one"},
           {"foreign.onnx", "does not say which task it was made for; name one by --task"},
           {"foreign.onnx --task go1-flt", "did you mean 'go1-flat'?"},
           {"foreign.onnx --task g1-flat", "cannot act in g1-flat: "},
           {"foreign.onnx --task ../../etc/passwd", "no task is called"},
           {"foreign.onnx --task go1-flat options.backend=lanes", "mujoco"},
           {"go1-flat --task go1-flat", "--task: is for .onnx files"}}) {
    expect_refused(folder.path(), arguments, reason);
  }
  for (std::size_t size = 0; size < sound.size(); size += sound.size() / 9) {  // no part is whole
    write_text(folder / "cut.onnx", sound.substr(0, size));
    expect_refused(folder.path(), "cut.onnx --task go1-flat", "cut.onnx");
  }
  write_text(folder / "text.onnx", "not a policy\n");
  expect_refused(folder.path(), "text.onnx --task go1-flat", "is no ONNX file");
}

TEST(ViewHostileTest, Divergences) {
  const files::TemporaryFolder folder;
  const std::string policy =
      std::string(FLEET_SOURCE_DIR) + "/policies/go1-flat/policy.safetensors";
  std::filesystem::copy_file(policy, folder / "policy.safetensors");  // another kind of file
  expect_refused(folder.path(), "policy.safetensors", "policy.safetensors");
  const std::string bytes = read_text(policy);
  for (const std::size_t size : {0UL, 7UL, 8UL, 100UL, bytes.size() / 2, bytes.size() - 1}) {
    write_text(folder / "cut.safetensors", bytes.substr(0, size));
    expect_refused(folder.path(), "cut.safetensors", "cut.safetensors");
  }
}

TEST(ViewHostileTest, WithoutAScreenItSaysSo) {
  const files::TemporaryFolder folder;
  expect_refused(folder.path(), "go1-flat --frames 1", "no window can be opened here", 1);
}

}  // namespace
}  // namespace fleet
