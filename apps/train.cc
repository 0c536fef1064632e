#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/interrupt.h"
#include "apps/judged_env.h"
#include "apps/match/high_level.h"
#include "apps/match/train_skills.h"
#include "apps/run_folder.h"
#include "apps/session.h"
#include "apps/tables.h"
#include "apps/train_config.h"
#include "apps/training_run.h"
#include "apps/user_error.h"

namespace fleet {
namespace {

/// What a user would want to know before waiting for this training.
std::string warnings(const RunConfig& config) {
  const std::int64_t steps = config.train.steps / config.env.options.num_envs;
  const int curriculum = config.env.curriculum_steps();
  return steps >= curriculum
             ? std::string()
             : fmt::format(
                   "Warning: the training curriculum lasts {} control steps of the batch, "
                   "this run {}: it ends before the task is as hard as it will be judged\n",
                   curriculum, steps);
}

/// A seed is in the agent's noise from the config on, in the envs' from the checkpoint on.
void require_same_run(const files::Manifest& checkpoint, const RunConfig& config) {
  const auto require_same = [](const char* what, const auto& saved, const auto& given) {
    if (saved != given) {
      throw UserError(fmt::format("--resume goes on with a run as it is: its {} is {}, not {}",
                                  what, saved, given));
    }
  };
  require_same("seed", checkpoint.seed, config.seed);
  require_same("task", checkpoint.task, config.name);
  require_same("agent", checkpoint.agent, config.agent.name);
}

/// A skill of a team waits for its turn as a folder of nothing but params.
bool has_begun(const std::string& folder) {
  return std::ranges::any_of(std::filesystem::directory_iterator(folder), [](const auto& entry) {
    return entry.path().filename() != "params" &&
           entry.path().filename() != files::FolderLock::kName;
  });
}

/// Puts the newest checkpoint of a run into session and progress. It only reads: a resume that is
/// refused leaves the folder as it was.
void restore(const std::string& folder, const RunConfig& config, Session& session,
             Progress& progress) {
  std::vector<std::string> messages;
  const files::Checkpoint checkpoint = files::open_newest_checkpoint(folder, messages);
  require_same_run(checkpoint.manifest, config);
  files::restore_part(checkpoint, session.agent->sizes());
  files::restore(checkpoint, checkpoint_fields(progress, session));
  session.restore();
  for (const std::string& message : messages) {
    fmt::print(stderr, "fleet: {}\n", message);
  }
}

/// A policy that cannot act in another task that is to judge it: told now, not at the end.
void check_judgement(const RunConfig& config, const envs::EnvSpec& trained) {
  if (!config.train.evaluate_on.empty() && config.train.evaluate_on != config.name) {
    const envs::EnvConfig judged = judged_config(config, {});
    check_contract(config, trained, judged, spec_of_one(judged));
  }
}

/// A high level is judged by games against its skills under the rules.
int judge_high_level(const RunConfig& config, const std::string& folder) {
  MatchArguments match;
  match.task = config.name;
  match.home = folder;
  match.away = config.train.team;
  match.num_threads = config.env.options.num_threads;
  match.json = folder + "/eval.json";
  return eval_match(match);
}

int finish(TrainingRun& run) {
  fmt::print("Trained {} steps in {:.1f} minutes; run folder {}\n", run.progress().env_steps,
             run.progress().training_time / 60.0, run.folder());
  if (run.config().train.evaluate && !run.config().train.team.empty()) {
    return judge_high_level(run.config(), run.folder());
  }
  if (run.config().train.evaluate) {
    EvalArguments judge;
    judge.run = run.folder();
    judge.num_threads = run.config().env.options.num_threads;
    judge.json = run.folder() + "/eval.json";
    const int code = eval(judge);
    return code != 0 ? code
                     : export_policy({.run = run.folder(),
                                      .out = run.folder() + "/policy.onnx",
                                      .num_threads = judge.num_threads});
  }
  return 0;
}

}  // namespace

int train(const TrainArguments& arguments) {
  const RunConfig config = train_config(arguments);
  if (!config.train.skills.empty()) {
    return train_skills(config, arguments);
  }
  const auto is_team = [](const std::string& typed) { return typed.starts_with("train.team"); };
  if (!arguments.resume.empty() && std::ranges::any_of(arguments.assignments, is_team)) {
    throw UserError("--resume goes on with a run's own skills: train.team does not fit");
  }
  catch_interrupts();
  ignore_lost_readers();
  const bool is_high_level = !config.train.team.empty();
  if (is_high_level && arguments.resume.empty()) {
    check_high_level(config);
  }
  // First: what is wrong with the config leaves no folder.
  Session session =
      make_session(config, arguments.resume.empty() ? "" : find_run(arguments.resume));
  check_judgement(config, session.env->spec());
  Progress progress;
  const RunFolder folder = arguments.resume.empty() ? create_run_folder(config, arguments.out)
                                                    : RunFolder(find_run(arguments.resume));
  if (is_high_level && arguments.resume.empty()) {
    copy_skills(config, folder.path);
  }
  const bool goes_on = !arguments.resume.empty() && has_begun(folder.path);
  if (goes_on) {
    restore(folder.path, config, session, progress);
  }
  if (!arguments.resume.empty()) {
    write_params(config, folder.path);  // what was said on the command line holds from now on
  }
  TrainingRun run(config, folder.path, std::move(session), progress);
  fmt::print("{}{}", settings_table(config, run.spec()), warnings(config));
  goes_on ? run.resume() : run.start();
  flush_stdout_or_go_on();
  if (!run.train()) {
    fmt::print("Interrupted at iteration {} and saved; go on with: ./fleet train --resume {}\n",
               run.progress().iteration, folder.path);
    return 1;
  }
  return finish(run);
}

}  // namespace fleet
