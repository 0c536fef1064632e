#include "apps/view/subject.h"

#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "apps/match/team.h"
#include "apps/run_config.h"
#include "apps/user_error.h"

namespace fleet::view {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool is_run(const std::string& folder) { return exists(folder + "/params/run.yaml"); }

/// The .onnx file in a folder that `fleet export` wrote to; "": none.
std::string onnx_file_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".onnx") {
      files.push_back(entry->path());
    }
  }
  if (files.size() > 1) {
    throw UserError(fmt::format("{}: holds {} .onnx files; name one", folder, files.size()));
  }
  return files.empty() ? "" : files[0];
}

/// What is shipped for a task: its policy, or of the teams of a match the best; "": nothing.
std::string shipped_folder(const std::string& task) {
  const std::string own = root_folder() + "/policies/" + task;
  for (const std::string& folder : {own, own + '/' + team_or_default(task, "")}) {
    if (is_run(folder)) {
      return folder;
    }
  }
  return "";
}

}  // namespace

Subject find_subject(const std::string& name) {
  using Kind = Subject::Kind;
  if (is_run(name)) {
    return {Kind::kRun, name};
  }
  if (name.ends_with(".onnx")) {
    return {Kind::kOnnx, name};
  }
  if (const std::string file = onnx_file_in(name); !file.empty()) {
    return {Kind::kOnnx, file};
  }
  std::error_code ignored;
  if (name.ends_with(".safetensors") && fs::is_regular_file(name, ignored)) {
    return {Kind::kDivergence, name};
  }
  if (const std::string folder = shipped_folder(name); !folder.empty()) {
    return {Kind::kShipped, folder};
  }
  if (exists(name)) {
    throw UserError(
        name + ": is no run folder (no params/run.yaml in it)" +
        (name.ends_with(".npz") ? "; a recording is opened by TASK --replay FILE" : ""));
  }
  return {Kind::kTask, ""};
}

}  // namespace fleet::view
