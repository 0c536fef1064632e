#include "apps/match/high_level.h"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "agents/hierarchy/high_level.h"
#include "agents/hierarchy/high_level_env.h"
#include "apps/judged_env.h"
#include "apps/match/skill_team.h"
#include "apps/match/volley_tactics.h"
#include "apps/run_folder.h"
#include "apps/session.h"
#include "apps/user_error.h"

namespace fleet {
namespace {

namespace fs = std::filesystem;

bool has_skills(const std::string& folder) {
  std::error_code ignored;
  return !folder.empty() && fs::exists(folder + "/skills", ignored);
}

}  // namespace

void check_high_level(const RunConfig& config) {
  require_match_of_teams(config, "train.team");
  if (!has_skills(find_run(config.train.team))) {
    throw UserError("train.team: " + config.train.team + " is no team of skills");
  }
}

std::string skills_of_high_level(const RunConfig& config, const std::string& folder) {
  return has_skills(folder) ? folder : find_run(config.train.team);
}

std::unique_ptr<envs::BatchEnv> make_high_level_env(const RunConfig& config,
                                                    std::unique_ptr<envs::BatchEnv> match,
                                                    const std::string& folder) {
  return std::make_unique<agents::HighLevelEnv>(
      std::move(match), std::make_unique<VolleyTactics>(config.env.volley),
      load_skills(skills_of_high_level(config, folder), config.env.options.num_threads));
}

std::unique_ptr<agents::SkillChooser> load_high_level(const std::string& folder,
                                                      const RunConfig& config) {
  auto tactics = std::make_unique<VolleyTactics>(config.env.volley);
  auto policy = make_actor(config, agents::high_level_spec(spec_of_one(config.env), *tactics));
  read_policy(folder, *policy);
  return std::make_unique<agents::HighLevel>(std::move(tactics), std::move(policy));
}

void copy_skills(const RunConfig& config, const std::string& folder) {
  const std::string from = find_run(config.train.team);
  for (const std::string& skill : skill_names()) {
    for (const char* file : {"params/run.yaml", "policy.safetensors"}) {
      const fs::path to = fs::path(skill_folder(folder, skill)) / file;
      std::error_code error;
      fs::create_directories(to.parent_path(), error);
      if (!error) {
        fs::copy_file(fs::path(skill_folder(from, skill)) / file, to, error);
      }
      if (error) {
        throw UserError(
            fmt::format("{}: cannot be copied from {}: {}", to.string(), from, error.message()));
      }
    }
  }
}

}  // namespace fleet
