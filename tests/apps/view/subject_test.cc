#include "apps/view/subject.h"

#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "apps/user_error.h"
#include "tests/apps/program.h"

namespace fleet::view {
namespace {

using Kind = Subject::Kind;

/// A folder that stands in for Fleet's own, with shipped policies, and for the user's.
class SubjectTest : public testing::Test {
 protected:
  SubjectTest() { setenv("FLEET_ROOT", folder_.path().c_str(), 1); }
  ~SubjectTest() override { unsetenv("FLEET_ROOT"); }

  std::string add(const std::string& file) const {
    const std::filesystem::path path = folder_ / file;
    std::filesystem::create_directories(path.parent_path());
    write_text(path, "");
    return path.parent_path();
  }
  void expect(const std::string& name, Kind kind, const std::string& path) const {
    const Subject subject = find_subject(name);
    EXPECT_EQ(subject.kind, kind) << name;
    EXPECT_EQ(subject.path, path) << name;
  }

  files::TemporaryFolder folder_;
};

TEST_F(SubjectTest, ARunsFolderIsARunWhateverElseItHolds) {
  add("run/params/run.yaml");
  const std::string run = add("run/policy.onnx");
  expect(run, Kind::kRun, run);
}

TEST_F(SubjectTest, APolicysFileIsNamedItselfOrByItsFolder) {
  const std::string folder = add("export/policy.onnx");
  add("export/policy.json");
  expect(folder, Kind::kOnnx, folder + "/policy.onnx");
  expect(folder + "/policy.onnx", Kind::kOnnx, folder + "/policy.onnx");
  expect("missing.onnx", Kind::kOnnx, "missing.onnx");  // who opens it says what is wrong
  add("export/second.onnx");
  EXPECT_THROW(find_subject(folder), UserError);
}

TEST_F(SubjectTest, ATaskHasItsPolicyOrTheBestOfItsTeams) {
  expect("volley/3v3", Kind::kTask, "");
  add("policies/volley/3v3/flat/params/run.yaml");
  expect("volley/3v3", Kind::kShipped, folder_ / "policies/volley/3v3/flat");
  add("policies/volley/3v3/hierarchical/params/run.yaml");
  expect("volley/3v3", Kind::kShipped, folder_ / "policies/volley/3v3/hierarchical");
  add("policies/go1-flat/params/run.yaml");
  expect("go1-flat", Kind::kShipped, folder_ / "policies/go1-flat");
}

TEST_F(SubjectTest, OtherFilesAreDivergencesOrRefused) {
  add("dump.safetensors");
  add("motion.npz");
  expect(folder_ / "dump.safetensors", Kind::kDivergence, folder_ / "dump.safetensors");
  EXPECT_THROW(find_subject(folder_ / "motion.npz"), UserError);
  EXPECT_THROW(find_subject(folder_.path()), UserError);
}

}  // namespace
}  // namespace fleet::view
