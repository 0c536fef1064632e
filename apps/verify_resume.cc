#include <algorithm>
#include <filesystem>
#include <iterator>
#include <random>
#include <system_error>

#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/files/checkpoint.h"
#include "apps/files/sha256.h"
#include "apps/progress.h"
#include "apps/run_folder.h"
#include "apps/session.h"

namespace fleet {
namespace {

namespace fs = std::filesystem;

/// A folder that goes away with what was written into it.
class ScratchFolder {
 public:
  ScratchFolder()
      : path_(fs::temp_directory_path() / fmt::format("fleet-verify-{}", std::random_device{}())) {
    fs::create_directories(path_);
  }
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

/// A training without logs.
struct Training {
  Training(const RunConfig& config, const std::string& folder)
      : session(make_session(config, folder)) {}

  Fields state() {
    Fields fields = progress.state();
    std::ranges::move(session.state(), std::back_inserter(fields));
    return fields;
  }
  void load(const files::Checkpoint& checkpoint) {
    files::restore_part(checkpoint, session.agent->sizes());
    files::restore(checkpoint, state());
    session.restore();
  }
  void iterate(int iterations) {
    for (int i = 0; i < iterations; ++i) {
      session.agent->iterate(*session.env);
    }
  }

  Session session;
  Progress progress;
};

bool is_run(const std::string& run) {
  std::error_code ignored;
  return fs::exists(run + "/params/run.yaml", ignored);
}

/// Goes on with the newest checkpoint of a run; begins where there is none.
void begin(const std::string& run, Training& training) {
  if (is_run(run) && !files::list_checkpoints(run).empty()) {
    std::vector<std::string> messages;
    training.load(files::open_newest_checkpoint(run, messages));
    for (const std::string& message : messages) {
      fmt::print(stderr, "fleet: {}\n", message);
    }
    fmt::print("{}, from its checkpoint of iteration {}:\n", run, training.progress.iteration);
    return;
  }
  training.session.agent->start(*training.session.env);
  fmt::print("{}, from the start:\n", run);
}

}  // namespace

/// Runs N iterations, saves, runs N more; then loads the save into a fresh process's worth of
/// objects and runs N. Every field of agent and envs must be equal, bit for bit.
int verify_resume(const std::string& run, int iterations) {
  const RunConfig config = is_run(run) ? load_run_folder(run, {}) : load_run_config(run, {});
  const ScratchFolder folder;
  const std::string own = is_run(run) ? run : "";
  Training whole(config, own);
  begin(run, whole);
  whole.iterate(iterations);
  files::save_checkpoint(folder.path(), make_manifest(config), whole.state());
  whole.iterate(iterations);
  Training resumed(config, own);
  resumed.load(files::open_checkpoint(folder.path(), 0));
  resumed.iterate(iterations);
  const std::string expected = files::sha256_of_fields(whole.state());
  const std::string found = files::sha256_of_fields(resumed.state());
  fmt::print("{} + {} iterations in one go:   {}\n", iterations, iterations, expected);
  fmt::print("{}, save, load, {}:             {}\n", iterations, iterations, found);
  fmt::print("{}\n", expected == found ? "equal, bit for bit" : "DIFFERENT");
  return expected == found ? 0 : 1;
}

}  // namespace fleet
