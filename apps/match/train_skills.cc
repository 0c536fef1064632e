#include "apps/match/train_skills.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "apps/match/skill_team.h"
#include "apps/match/team.h"
#include "apps/run_folder.h"
#include "apps/train_config.h"
#include "apps/user_error.h"

namespace fleet {
namespace {

constexpr int kGames = 100;  // of the team against itself, at the end

/// Each skill in turn, by the name of its task; what is wrong is told before any training.
void check_skills(const RunConfig& config) {
  require_match_of_teams(config, "train.skills");
  for (const auto& [skill, task] : config.train.skills) {
    const auto name = std::ranges::find(skill_names(), skill);
    if (name == skill_names().end()) {
      throw UserError(fmt::format("train.skills: '{}' is no skill; expected {}", skill,
                                  fmt::join(skill_names(), ", ")));
    }
    require_skill("train.skills", load_run_config(task, {}),
                  static_cast<int>(name - skill_names().begin()));
  }
  for (const std::string& skill : skill_names()) {
    if (std::ranges::find(config.train.skills, skill, [](const auto& s) { return s.first; }) ==
        config.train.skills.end()) {
      throw UserError("train.skills: '" + skill + "' is missing");
    }
  }
}

bool exists(const std::string& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

/// Makes the folder of a skill, with all that its training is to have; one that is there stays.
void prepare_skill(const std::string& folder, const std::string& task, TrainArguments arguments) {
  if (!exists(folder + "/params/run.yaml")) {
    arguments.task = task;
    arguments.resume.clear();
    create_run_folder(train_config(arguments), folder);
  }
}

/// Trains a skill, goes on with it, or leaves it if it is done. @returns the exit code
int train_skill(const std::string& folder, const TrainArguments& typed) {
  if (exists(folder + "/eval.json")) {
    fmt::print("{}: is trained\n", folder);
    return 0;
  }
  TrainArguments arguments;
  arguments.resume = folder;
  if (!typed.resume.empty()) {  // else its folder has been made with what was typed
    arguments.steps = typed.steps;
    arguments.num_envs = typed.num_envs;
    arguments.num_threads = typed.num_threads;
    arguments.assignments = typed.assignments;
  }
  return train(arguments);
}

}  // namespace

int train_skills(const RunConfig& config, const TrainArguments& arguments) {
  check_skills(config);
  const RunFolder folder = arguments.resume.empty() ? create_run_folder(config, arguments.out)
                                                    : RunFolder(find_run(arguments.resume));
  const auto is_of_team = [](const std::string& typed) {
    return typed.starts_with("train.skills");
  };
  if (!arguments.resume.empty() && std::ranges::any_of(arguments.assignments, is_of_team)) {
    throw UserError("--resume goes on with a team as it is: train.skills does not fit");
  }
  TrainArguments of_skill = arguments;
  std::erase_if(of_skill.assignments, is_of_team);
  for (const auto& [skill, task] : config.train.skills) {
    prepare_skill(skill_folder(folder.path, skill), task, of_skill);
  }
  for (const auto& [skill, task] : config.train.skills) {
    const int code = train_skill(skill_folder(folder.path, skill), of_skill);
    if (code != 0) {
      fmt::print("Go on with the team by: ./fleet train --resume {}\n", folder.path);
      return code;
    }
  }
  MatchArguments match;
  match.task = config.name;
  match.home = match.away = folder.path;
  match.games = kGames;
  match.num_threads = config.env.options.num_threads;
  match.json = folder.path + "/eval.json";
  return eval_match(match);
}

}  // namespace fleet
