#include "apps/run_folder.h"

#include <chrono>
#include <filesystem>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <mujoco/mujoco.h>

#include "apps/config/config_dump.h"
#include "apps/files/atomic_write.h"
#include "apps/files/file_error.h"
#include "apps/files/safetensors.h"
#include "apps/files/sha256.h"
#include "apps/user_error.h"

namespace fleet {
namespace {

namespace fs = std::filesystem;

struct EnvPart {
  RunConfig& config;
  void fields(auto&& visit) { config.env.fields(visit); }
};

struct AgentPart {
  RunConfig& config;
  void fields(auto&& visit) {
    visit("algorithm", config.agent.name);
    visit("ppo", config.agent.ppo);
    visit("flashsac", config.agent.flashsac);
    visit("train", config.train);
  }
};

std::string new_folder_name(const RunConfig& config) {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("logs/{}/{}/{:%Y-%m-%d_%H-%M-%S}_seed{}", config.agent.name, config.name,
                     fmt::localtime(now), config.seed);
}

}  // namespace

std::string create_run_folder(const RunConfig& config, const std::string& out) {
  std::string folder = out.empty() ? new_folder_name(config) : out;
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    if (!out.empty()) {
      throw UserError(folder + ": is not empty; go on with it by --resume " + folder +
                      ", or name another folder");
    }
    folder += fmt::format("_{}", std::chrono::steady_clock::now().time_since_epoch().count());
  }
  fs::create_directories(fs::path(folder) / "params", error);
  if (error) {
    throw UserError(folder + ": cannot be made: " + error.message());
  }
  write_params(config, folder);
  return folder;
}

void write_params(const RunConfig& config, const std::string& folder) {
  RunConfig copy = config;
  files::atomic_write(folder + "/params/run.yaml", config::dump(copy));
  files::atomic_write(folder + "/params/env.yaml", config::dump(EnvPart{copy}));
  files::atomic_write(folder + "/params/agent.yaml", config::dump(AgentPart{copy}));
}

std::string find_run(const std::string& run) {
  const std::string shipped = root_folder() + "/policies/" + run;
  for (const std::string& folder : {run, shipped}) {
    if (fs::exists(folder + "/params/run.yaml")) {
      return folder;
    }
  }
  throw UserError(run +
                  ": neither a run folder (no params/run.yaml in it) nor a task with "
                  "a shipped policy (policies/" +
                  run + ")");
}

void save_policy(const std::string& folder, agents::Agent& agent, const files::Manifest& manifest) {
  files::save_safetensors(folder + "/policy.safetensors", agent.policy(),
                          {{"task", manifest.task},
                           {"agent", manifest.agent},
                           {"iteration", std::to_string(manifest.iteration)},
                           {"env_steps", std::to_string(manifest.env_steps)},
                           {"seed", std::to_string(manifest.seed)},
                           {"config_hash", manifest.config_hash}});
}

void load_policy(const std::string& folder, agents::Agent& agent) {
  const std::string file = folder + "/policy.safetensors";
  const Fields fields = agent.policy();
  if (fs::exists(file)) {
    const files::SafetensorsReader reader(file);
    for (const Field& field : fields) {
      reader.require(field);
    }
    for (const Field& field : fields) {
      reader.read(field);
    }
  } else {
    std::vector<std::string> messages;
    const files::Checkpoint checkpoint = files::open_newest_checkpoint(folder, messages);
    for (const Field& field : fields) {
      checkpoint.state.require(field);
    }
    for (const Field& field : fields) {
      checkpoint.state.read(field);
    }
  }
  agent.restore();
}

files::Manifest make_manifest(const RunConfig& config) {
  RunConfig copy = config;
  files::Manifest manifest;
  manifest.task = config.name;
  manifest.agent = config.agent.name;
  manifest.seed = config.seed;
  manifest.git_revision = FLEET_REVISION;
  manifest.config_hash = files::sha256(config::dump(copy));
  manifest.versions = {{"fleet", FLEET_VERSION}, {"mujoco", mj_versionString()}};
  return manifest;
}

int save_divergences(const std::string& folder, const RunConfig& config, envs::BatchEnv& env,
                     std::int64_t iteration) {
  const Fields dump = env.divergence_dump();
  if (dump.empty()) {
    return 0;
  }
  fs::create_directories(folder + "/divergences");
  RunConfig copy = config;
  files::save_safetensors(fmt::format("{}/divergences/iteration_{}.safetensors", folder, iteration),
                          dump, {{"config", config::dump(copy)}});
  return static_cast<int>(dump.front().num_rows());
}

}  // namespace fleet
