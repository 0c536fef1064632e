#include "apps/run_folder.h"

#include <charconv>
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
    visit("self_play", config.agent.self_play);
    visit("train", config.train);
  }
};

std::string new_folder_name(const RunConfig& config) {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  return fmt::format("logs/{}/{}/{:%Y-%m-%d_%H-%M-%S}_seed{}", config.agent.name, config.name,
                     fmt::localtime(now), config.seed);
}

void make_folders(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    throw UserError(folder + ": cannot be made: " + error.message());
  }
}

/// Makes logs/<algorithm>/<task>/<time>, with a number behind it if another run began in the same
/// second: the folder is that of the process that made it, even while it is empty.
std::string make_default_folder(const RunConfig& config) {
  const std::string name = new_folder_name(config);
  make_folders(fs::path(name).parent_path());
  std::string folder = name;
  std::error_code error;
  for (int i = 2; !fs::create_directory(folder, error); ++i) {
    if (error) {
      throw UserError(folder + ": cannot be made: " + error.message());
    }
    folder = fmt::format("{}_{}", name, i);
  }
  return folder;
}

/// A folder that does not exist is as good.
void require_empty(const std::string& folder) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename() != files::FolderLock::kName) {
      throw UserError(folder + ": is not empty; go on with it by --resume " + folder +
                      ", or name another folder");
    }
  }
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
    throw UserError(folder + ": is not a folder");
  }
}

/// A whole number of a file's metadata, -1 where it has none.
std::int64_t number_in(const std::map<std::string, std::string>& metadata, const char* key) {
  const auto found = metadata.find(key);
  if (found == metadata.end()) {
    return -1;
  }
  const char* const end = found->second.data() + found->second.size();
  std::int64_t value = -1;
  const auto [stop, error] = std::from_chars(found->second.data(), end, value);
  return error == std::errc() && stop == end ? value : -1;
}

}  // namespace

RunFolder create_run_folder(const RunConfig& config, const std::string& out) {
  if (out.empty()) {
    RunFolder folder(make_default_folder(config));
    write_params(config, folder.path);
    return folder;
  }
  require_empty(out);
  make_folders(out);
  RunFolder folder(out);
  require_empty(out);  // still: another process may have begun and ended meanwhile
  write_params(config, out);
  return folder;
}

void write_params(const RunConfig& config, const std::string& folder) {
  make_folders(folder + "/params");
  RunConfig copy = config;
  files::atomic_write(folder + "/params/run.yaml", config::dump(copy));
  files::atomic_write(folder + "/params/env.yaml", config::dump(EnvPart{copy}));
  files::atomic_write(folder + "/params/agent.yaml", config::dump(AgentPart{copy}));
}

std::string find_run(const std::string& run) {
  const std::string shipped = root_folder() + "/policies/" + run;
  for (const std::string& folder : {run, shipped}) {
    std::error_code error;
    if (fs::exists(folder + "/params/run.yaml", error)) {
      return folder;
    }
  }
  const std::string shown = files::one_line(run);
  throw UserError(shown +
                  ": neither a run folder (no params/run.yaml in it) nor a task with "
                  "a shipped policy (policies/" +
                  shown + ")");
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

void save_generations(const std::string& folder, const RunConfig& config, agents::Agent& agent,
                      const files::Manifest& manifest) {
  for (int k = 0; k < agent.num_generations(); ++k) {
    const std::string own = fmt::format("{}/population/{:03}", folder, k);
    if (!fs::exists(own + "/policy.safetensors")) {
      write_params(config, own);
      save_policy(own, agent.generation(k), manifest);
    }
  }
}

void load_policy(const std::string& folder, agents::Agent& agent) {
  if (fs::exists(folder + "/skills")) {
    throw UserError(folder + ": is a team of skills; let it play by --home and --away of a match");
  }
  read_policy(folder, agent);
}

void read_policy(const std::string& folder, agents::Agent& agent) {
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

TrainedFor read_trained_for(const std::string& folder) {
  const std::string file = folder + "/policy.safetensors";
  if (!fs::exists(file)) {
    return {};
  }
  const files::SafetensorsReader reader(file);
  return {.iterations = number_in(reader.header().metadata, "iteration"),
          .env_steps = number_in(reader.header().metadata, "env_steps")};
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
