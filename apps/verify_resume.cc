#include <filesystem>
#include <random>

#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/files/checkpoint.h"
#include "apps/files/sha256.h"
#include "apps/run_folder.h"
#include "apps/session.h"

namespace fleet {
namespace {

namespace fs = std::filesystem;

RunConfig config_of(const std::string& run) {
  if (fs::exists(run + "/params/run.yaml")) {
    return load_run_folder(run, {});
  }
  return load_run_config(run, {});
}

void iterate(const Session& session, int iterations) {
  for (int i = 0; i < iterations; ++i) {
    session.agent->iterate(*session.env);
  }
}

}  // namespace

/// Runs N iterations, saves, runs N more; then loads the save into a fresh process's worth of
/// objects and runs N. Every field of agent and envs must be equal, bit for bit.
int verify_resume(const std::string& run, int iterations) {
  const RunConfig config = config_of(run);
  const std::string folder =
      (fs::temp_directory_path() / fmt::format("fleet-verify-{}", std::random_device{}())).string();
  fs::create_directories(folder);
  const Session whole = make_session(config);
  whole.agent->start(*whole.env);
  iterate(whole, iterations);
  files::save_checkpoint(folder, make_manifest(config), whole.state());
  iterate(whole, iterations);
  const Session resumed = make_session(config);
  files::restore(files::open_checkpoint(folder, 0), resumed.state());
  resumed.restore();
  iterate(resumed, iterations);
  fs::remove_all(folder);
  const std::string expected = files::sha256_of_fields(whole.state());
  const std::string found = files::sha256_of_fields(resumed.state());
  fmt::print("{} + {} iterations in one go:   {}\n", iterations, iterations, expected);
  fmt::print("{}, save, load, {}:             {}\n", iterations, iterations, found);
  fmt::print("{}\n", expected == found ? "equal, bit for bit" : "DIFFERENT");
  return expected == found ? 0 : 1;
}

}  // namespace fleet
