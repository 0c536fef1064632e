// Recordings and dumps of diverged worlds that a broken disk, another program or a hostile hand
// made: the program ends with exit code 2 and one line, and leaves every file as it was.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/config/config_dump.h"
#include "apps/files/safetensors.h"
#include "apps/session.h"
#include "envs/env_buffers.h"
#include "tests/apps/hostile/damaged_npz.h"
#include "tests/apps/program.h"

namespace fleet {
namespace {

using files::described;
using files::npy;
using files::zipped;
using testing::HasSubstr;
using testing::StartsWith;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Recording {
  std::string bytes;
  std::string reason;
};

/// What a file's contents make of `fleet ARGUMENTS`: exit code 2, one line, nothing written.
void expect_refused(const files::TemporaryFolder& folder, const std::string& arguments,
                    const std::string& reason) {
  const auto before = contents(folder.path());
  const Outcome outcome = run_fleet(folder.path(), arguments);
  EXPECT_EQ(outcome.code, 2) << outcome.error;
  EXPECT_THAT(outcome.error, StartsWith("fleet: "));
  EXPECT_THAT(outcome.error, HasSubstr(reason));
  EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
  EXPECT_LT(outcome.error.size(), 700U);
  EXPECT_EQ(contents(folder.path()), before);
}

/// A drone has seven positions.
void expect_recordings_refused(const std::vector<Recording>& recordings) {
  const files::TemporaryFolder folder;
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    SCOPED_TRACE("recording " + std::to_string(i) + ": " + recordings[i].reason);
    write_text(folder / "motion.npz", recordings[i].bytes);
    expect_refused(folder, "play volley/hover --png a.png --replay motion.npz",
                   recordings[i].reason);
  }
}

template <class T>
std::string bytes_of_all(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::string motion(const std::vector<double>& values, const std::string& shape = "(3, 1, 7)") {
  return zipped({{"qpos.npy", npy(described("<f8", shape), bytes_of_all(values))}});
}

std::vector<double> still() { return std::vector<double>(21, 0.5); }

/// A motion with one number changed.
std::string with_number(std::size_t at, double number) {
  std::vector<double> values = still();
  values[at] = number;
  return motion(values);
}

/// The array itself is given, sound or not.
std::string with_array(const std::string& array) { return zipped({{"qpos.npy", array}}); }

TEST(HostileRecordingTest, ASoundOneIsShown) {
  const files::TemporaryFolder folder;
  write_text(folder / "motion.npz", motion(still()));
  const Outcome outcome =
      run_fleet(folder.path(), "play volley/hover --png a.png --replay motion.npz");
  EXPECT_EQ(outcome.code, 0) << outcome.error;
  EXPECT_TRUE(std::filesystem::exists(folder / "a.png"));
}

TEST(HostileRecordingTest, Truncated) {
  const std::string sound = motion(still());
  std::vector<Recording> recordings;
  for (std::size_t size = 0; size < sound.size(); size += sound.size() / 23) {
    recordings.push_back({sound.substr(0, size), "motion.npz"});
  }
  recordings.push_back({sound.substr(0, sound.size() - 1), "is no .npz archive"});
  recordings.push_back({sound.substr(1), "contradicts the file"});
  recordings.push_back({sound.substr(40), "contradicts the file"});
  recordings.push_back({sound + '\0', "is no .npz archive"});
  recordings.push_back({sound + sound, "contradicts the file"});
  expect_recordings_refused(recordings);
}

TEST(HostileRecordingTest, FilesOfAnotherKind) {
  expect_recordings_refused({
      {"", "is no .npz archive"},
      {"step,x,y,z\n0,1,2,3\n", "is no .npz archive"},
      {R"({"qpos": [[[0, 0, 0, 1, 0, 0, 0]]]})", "is no .npz archive"},
      {std::string("\x1f\x8b\x08\x00", 4) + std::string(60, '\0'), "is no .npz archive"},
      {"\x89PNG\r\n\x1a\n" + std::string(60, '\0'), "is no .npz archive"},
      {"\x80\x04\x95" + std::string(40, 'p') + ".", "is no .npz archive"},  // a pickle
      {std::string(100'000, '\xff'), "is no .npz archive"},
      {npy(described("<f8", "(3, 1, 7)"), bytes_of_all(still())), "is no .npz archive"},
      {read_text(std::string(FLEET_SOURCE_DIR) + "/policies/go1-flat/policy.safetensors"),
       "is no .npz archive"},
      {read_text(std::string(FLEET_SOURCE_DIR) + "/tests/apps/onnx/golden/mjlab.onnx"),
       "is no .npz archive"},
  });
}

TEST(HostileRecordingTest, ArchivesThatContradictThemselves) {
  std::vector<double> values = still();
  const files::Archive archive(make_field("qpos", {3, 1, 7}, values.data()));
  using U16 = std::uint16_t;
  using U32 = std::uint32_t;
  expect_recordings_refused({
      {archive.end(4, U16{1}), "contradicts the file"},
      {archive.end(8, U16{2}), "contradicts the file"},
      {archive.end(10, U16{0xffff}), "is a zip64 archive"},
      {archive.end(12, U32{0}), "contradicts the file"},
      {archive.end(16, U32{0xfffffffe}), "contradicts the file"},
      {archive.central(0, U32{0}), "expected an entry of the zip directory"},
      {archive.central(8, U16{1}), "is encrypted"},
      {archive.central(10, U16{99}), "has zip method 99"},
      {archive.central(10, U16{8}), "expected the data of"},
      {archive.central(16, U32{7}), "is damaged"},
      {archive.central(20, U32{0xffffffff}), "has zip64 sizes"},
      {archive.central(24, U32{0xfffffffe}), "claims 4294967294 bytes"},
      {archive.central(28, U16{0xffff}), "the archive ends within a record"},
      {archive.central(30, U16{1}), "directory is longer than its entries"},
      {archive.central(42, U32{0xfffffffe}), "the archive ends within a record"},
      {archive.local(0, U32{0}), "expected the data of"},
      {archive.local(26, U16{4}), "expected the data of"},
      {archive.local(28, U16{0xffff}), "the archive ends within a record"},
      {archive.local(200, U32{7}), "is damaged"},
      {archive.with_entry_twice(), "its arrays overlap"},
      {zipped({}), "key 'qpos': is missing"},
      {zipped({{"qvel.npy", npy(described("<f8", "(1,)"), 8)}}), "key 'qpos': is missing"},
      {zipped({{"QPOS.npy", npy(described("<f8", "(1,)"), 8)}}), "key 'qpos': is missing"},
      {zipped({{"../qpos.npy", npy(described("<f8", "(1,)"), 8)}}), "key 'qpos': is missing"},
      {zipped({{"qpos", npy(described("<f8", "(1,)"), 8)}}), "is no .npy array"},
      {zipped({{"qpos.npy", npy(described("<f8", "(1,)"), 8)}, {"run.sh", "rm"}}),
       "'run.sh' is no .npy array"},
      {zipped({{"qpos.npy", npy(described("<f8", "(1,)"), 8)}, {"a\n\x1b.npy", "x"}}), "a??"},
  });
}

TEST(HostileRecordingTest, ArraysThatAreNone) {
  const std::string data = bytes_of_all(still());
  const auto array = [&](const std::string& description) {
    return with_array(npy(description, data));
  };
  expect_recordings_refused({
      {with_array(""), "is no .npy array"},
      {with_array("\x93NUMPX\x01" + data), "is no .npy array"},
      {with_array("\x93NUMPY\x09\x00" + data), "version 9"},
      {with_array(std::string("\x93NUMPY\x01\x00\xff\xff", 10) + data), "description of 65535"},
      {array(""), "expected '{'"},
      {array("{'descr': '<f8'}"), "expected exactly descr"},
      {array("{'descr': '<f8', 'descr': '<f8'}"), "given twice"},
      {array("{'descr': __import__('os').system('x')}"), "expected a text in quotes"},
      {array("{'descr': [('x', '<f8')], }"), "arrays with named columns are not read"},
      {array(described("|O", "(3, 1, 7)")), "is '|O'; expected"},
      {array(described(">f8", "(3, 1, 7)")), "is '>f8'; expected"},
      {array(described("<c16", "(3, 1, 7)")), "is '<c16'; expected"},
      {array(described("<U7", "(3, 1, 7)")), "is '<U7'; expected"},
      {array(described("<f4", "(3, 1, 7)")), "its shape needs 84"},
      {array(described("<f8", "(3, 1, 8)")), "its shape needs 192"},
      {array(described("<f8", "(3, 1, 6)")), "its shape needs 144"},
      {array(described("<f8", "(-3, 1, -7)")), "counts as the shape"},
      {array(described("<f8", "(3, 1, 'x')")), "counts as the shape"},
      {array(described("<f8", "(3, 1, 7")), "counts as the shape"},
      {array(described("<f8", "(4294967296, 4294967296, 7)")), "more elements than memory"},
      {array(described("<f8", "(" + repeated("1, ", 40) + ")")), "at most 32 counts"},
      {array("{'descr': '<f8', 'fortran_order': True, 'shape': (3, 1, 7), }"), "expected C order"},
  });
}

TEST(HostileRecordingTest, ShapesTypesAndNumbersThatAreNoMotion) {
  const auto shaped = [](const std::string& shape, std::size_t size) {
    return motion(std::vector<double>(size, 0.5), shape);
  };
  const auto typed = [](const char* type, std::size_t size) {
    return with_array(npy(described(type, "(3, 1, 7)"), 21 * size));
  };
  const std::string not_finite = "not finite, or beyond 1e+10, in step ";
  expect_recordings_refused({
      {shaped("()", 1), "has shape (); expected (steps, num_envs, 7)"},
      {shaped("(21,)", 21), "has shape (21)"},
      {shaped("(3, 7)", 21), "has shape (3, 7)"},
      {shaped("(3, 7, 1)", 21), "has shape (3, 7, 1)"},
      {shaped("(7, 1, 3)", 21), "has shape (7, 1, 3)"},
      {shaped("(3, 1, 1, 7)", 21), "has shape (3, 1, 1, 7)"},
      {shaped("(3, 1, 6)", 18), "has shape (3, 1, 6)"},
      {shaped("(3, 1, 8)", 24), "has shape (3, 1, 8)"},
      {shaped("(3, 1, 49)", 147), "has shape (3, 1, 49)"},
      {shaped("(0, 1, 7)", 0), "has shape (0, 1, 7)"},
      {shaped("(3, 0, 7)", 0), "has shape (3, 0, 7)"},
      {shaped("(3, 1, 0)", 0), "has shape (3, 1, 0)"},
      {typed("<i4", 4), "holds I32; expected float32 or float64"},
      {typed("<i8", 8), "holds I64; expected float32 or float64"},
      {typed("|u1", 1), "holds U8; expected float32 or float64"},
      {typed("|b1", 1), "holds U8; expected float32 or float64"},
      {typed("<u8", 8), "holds U64; expected float32 or float64"},
      {with_number(0, std::nan("")), not_finite + "0"},
      {with_number(20, std::nan("")), not_finite + "2"},
      {with_number(7, kInfinity), not_finite + "1"},
      {with_number(13, -kInfinity), not_finite + "1"},
      {with_number(8, 1e300), not_finite + "1"},
      {with_number(2, -1.1e10), not_finite + "0"},
      {with_array(npy(described("<f4", "(1, 1, 7)"), bytes_of_all(std::vector<float>(7, NAN)))),
       not_finite + "0"},
  });
}

TEST(HostileRecordingTest, PlacesAndTasks) {
  const files::TemporaryFolder folder;
  write_text(folder / "drone.npz", motion(still()));
  std::filesystem::create_directory(folder / "folder.npz");
  std::filesystem::create_symlink("loop.npz", folder / "loop.npz");
  write_text(folder / "large.npz", "");
  std::filesystem::resize_file(folder / "large.npz", std::uint64_t{5} << 30);  // takes no room
  const std::vector<std::pair<std::string, std::string>> mistakes{
      {"volley/hover --png a.png --replay none.npz", "none.npz: cannot be opened"},
      {"volley/hover --png a.png --replay folder.npz", "folder.npz: is not a regular file"},
      {"volley/hover --png a.png --replay loop.npz", "loop.npz: cannot be opened"},
      {"volley/hover --png a.png --replay /dev/null", "/dev/null: is not a regular file"},
      {"volley/hover --png a.png --replay large.npz", "has 5368709120 bytes; at most"},
      {"volley/1v1 --png a.png --replay drone.npz", "expected (steps, num_envs, 21)"},
      {"gym/Hopper --png a.png --replay drone.npz", "expected (steps, num_envs, 6)"},
      {"go1-flat --png a.png --replay drone.npz", "expected (steps, num_envs, 19)"},
      {"volley/hover --replay drone.npz", "needs --png or --video"},
      {"volley/hover --png no/a.png --replay drone.npz", "there is no folder no"},
  };
  for (const auto& [arguments, reason] : mistakes) {
    SCOPED_TRACE(arguments);
    const Outcome outcome = run_fleet(folder.path(), "play " + arguments);
    EXPECT_EQ(outcome.code, 2) << outcome.error;
    EXPECT_THAT(outcome.error, HasSubstr(reason));
    EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
    EXPECT_FALSE(std::filesystem::exists(folder / "a.png"));
  }
}

/// A dump of one world of gym/Hopper as a run leaves it, but for what a test changes.
class DumpTest : public testing::Test {
 protected:
  DumpTest() : config_(load_run_config("gym/Hopper", {"", {"options.backend=mujoco"}})) {
    config_.env.options.num_envs = config_.env.options.num_threads = 1;
    env_ = build_env(config_.env);
    buffers_ = std::make_unique<envs::EnvBuffers>(env_->spec());
    env_->reset(1, buffers_->views);
    fields_ = env_->state();
    fields_.push_back(make_field("env", {1}, &index_));
    fields_.push_back(make_field("action", {1, 3}, action_.data()));
    text_ = config::dump(config_);
  }
  void save(const Fields& fields, const std::string& config) const {
    files::save_safetensors(folder_ / "dump.safetensors", fields, {{"config", config}});
  }
  Field& field(const std::string& name) {
    return *std::ranges::find_if(fields_, [&](const Field& f) { return f.name == name; });
  }
  void expect_dump_refused(const std::string& reason) const {
    SCOPED_TRACE(reason);
    expect_refused(folder_, "replay dump.safetensors", reason);
  }

  files::TemporaryFolder folder_;
  RunConfig config_;
  std::unique_ptr<envs::BatchEnv> env_;
  std::unique_ptr<envs::EnvBuffers> buffers_;
  std::int32_t index_ = 0;
  std::vector<double> action_ = std::vector<double>(3);
  Fields fields_;
  std::string text_;
};

TEST_F(DumpTest, ASoundOneIsReplayed) {
  save(fields_, text_);
  const Outcome outcome = run_fleet(folder_.path(), "replay dump.safetensors");
  EXPECT_EQ(outcome.code, 1) << outcome.error;  // nothing diverges
  EXPECT_THAT(outcome.out, HasSubstr("0 of 1 worlds diverge again"));
}

TEST_F(DumpTest, TensorsThatAreMissingOrOfAnotherShapeAreNamed) {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const std::string name = fields_[i].name;
    if (name.starts_with("env/totals/")) {
      continue;  // not needed
    }
    Fields without = fields_;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
    save(without, text_);
    expect_dump_refused("'" + name + "'");
  }
  std::vector<double> wide(1000);
  for (const char* name : {"env/physics", "action", "env/last_action"}) {
    const Field sound = field(name);
    field(name) = make_field(name, {1, 1000}, wide.data());
    save(fields_, text_);
    expect_dump_refused(name);
    field(name) = sound;
  }
  std::int64_t index = 0;
  field("env") = make_field("env", {1}, &index);
  save(fields_, text_);
  expect_dump_refused("'env'");
  field("env") = make_field("env", {0}, &index_);
  save(fields_, text_);
  expect_dump_refused("names no world");
}

TEST_F(DumpTest, ConfigsThatAreNoneAreRefused) {
  const std::vector<std::pair<std::string, std::string>> mistakes{
      {"", "task: '' is none of velocity"},
      {"task: [", "key 'config'"},
      {"task: walk_on_water\n", "'walk_on_water' is none of velocity"},
      {text_ + "extra: 1\n", "extra"},
      {text_.substr(0, text_.size() / 2) + "\x01", "key 'config'"},
      {"&a [*a]", "key 'config'"},
  };
  for (const auto& [config, reason] : mistakes) {
    save(fields_, config);
    expect_dump_refused(reason);
  }
  files::save_safetensors(folder_ / "dump.safetensors", fields_);
  expect_dump_refused("key 'config': is missing in the metadata");
  RunConfig other = load_run_config("gym/HalfCheetah", {"", {"options.backend=mujoco"}});
  save(fields_, config::dump(other));
  expect_dump_refused("dump.safetensors");
}

TEST_F(DumpTest, TruncatedDumpsAreRefused) {
  save(fields_, text_);
  const std::string sound = read_text(folder_ / "dump.safetensors");
  for (std::size_t size = 0; size < sound.size(); size += sound.size() / 12) {
    write_text(folder_ / "dump.safetensors", sound.substr(0, size));
    expect_dump_refused("dump.safetensors");
  }
  write_text(folder_ / "dump.safetensors", sound + "x");
  expect_dump_refused("dump.safetensors");
}

}  // namespace
}  // namespace fleet
