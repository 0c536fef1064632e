#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "apps/commands.h"
#include "apps/files/atomic_write.h"
#include "apps/files/sha256.h"
#include "apps/interrupt.h"
#include "apps/judged_env.h"
#include "apps/match/train_skills.h"
#include "apps/progress.h"
#include "apps/run_folder.h"
#include "apps/run_logs.h"
#include "apps/session.h"
#include "apps/snapshot.h"
#include "apps/tables.h"
#include "apps/train_config.h"
#include "apps/user_error.h"

namespace fleet {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// All that a checkpoint holds.
Fields state_of(Progress& progress, const Session& session) {
  Fields fields = progress.state();
  std::ranges::move(session.state(), std::back_inserter(fields));
  return fields;
}

/// A training under way: env, agent, counters, and the files it writes.
class Run {
 public:
  Run(RunConfig config, std::string folder, Session session, const Progress& progress)
      : config_(std::move(config)),
        folder_(std::move(folder)),
        session_(std::move(session)),
        progress_(progress),
        logs_(folder_) {
    session_.agent->stop_when([this] { return may_stop_ && is_interrupted(); });
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  const RunConfig& config() const { return config_; }
  const std::string& folder() const { return folder_; }
  const envs::EnvSpec& spec() const { return session_.env->spec(); }
  const Progress& progress() const { return progress_; }
  agents::Agent& agent() { return *session_.agent; }

  void start() { session_.agent->start(*session_.env); }
  /// Goes on from the checkpoint that session and progress were restored from.
  void resume();
  /// @returns false if it was interrupted
  bool train();
  void checkpoint();

 private:
  void iterate();
  bool learn_on(agents::IterationReport& report);
  bool is_past_curriculum() const;
  log::IterationLog describe(const agents::IterationReport& report);
  Fields state() { return state_of(progress_, session_); }

  RunConfig config_;
  std::string folder_;
  Session session_;
  Progress progress_;
  RunLogs logs_;
  Snapshot snapshot_;     // of before the iteration under way
  bool may_stop_ = true;  // within it
};

void Run::resume() {
  logs_.forget_after(progress_.iteration);
  fmt::print("Resumed {} at iteration {}\n", folder_, progress_.iteration);
}

void Run::checkpoint() {
  files::Manifest manifest = make_manifest(config_);
  manifest.iteration = progress_.iteration;
  manifest.env_steps = progress_.env_steps;
  if (is_past_curriculum() && progress_.mean_length > 0.0) {
    manifest.score = progress_.mean_return;  // before, rewards are not those of the task
  }
  const Fields fields = state();
  files::save_checkpoint(folder_, manifest, fields,
                         {.num_last = config_.train.keep_checkpoints, .is_best_kept = true});
  save_policy(folder_, *session_.agent, manifest);
  save_generations(folder_, config_, *session_.agent, manifest);
  files::atomic_write(folder_ + "/params.sha256",
                      files::sha256_of_fields(session_.agent->state()) + "\n");
}

log::IterationLog Run::describe(const agents::IterationReport& report) {
  const envs::Statistics statistics = session_.env->take_statistics();
  log::IterationLog log;
  log.iteration = progress_.iteration;
  log.num_iterations = session_.num_iterations;
  log.env_steps = progress_.env_steps;
  log.collection_time = report.collection_time;
  log.learning_time = report.learning_time;
  log.total_time = progress_.training_time;
  const double per_iteration =
      progress_.training_time / static_cast<double>(std::max<std::int64_t>(1, progress_.iteration));
  log.eta = per_iteration * static_cast<double>(session_.num_iterations - progress_.iteration);
  log.scalars = report.scalars;
  const auto add = [&](const std::string& tag, double value) {
    log.scalars.emplace_back(tag, value);
  };
  const double time = report.collection_time + report.learning_time;
  add("Perf/total_fps", static_cast<double>(report.env_steps) / time);
  add("Perf/collection_time", report.collection_time);
  add("Perf/learning_time", report.learning_time);
  if (statistics.episodes > 0) {
    const auto episodes = static_cast<double>(statistics.episodes);
    progress_.mean_return = statistics.return_sum / episodes;
    progress_.mean_length = statistics.length_sum / episodes;
    for (std::size_t term = 0; term < statistics.reward_sums.size(); ++term) {
      // As rsl_rl's users know it: the episode's sum over its longest possible duration in seconds.
      const double seconds = std::max(1, spec().max_episode_steps) * spec().control_period;
      add("Episode_Reward/" + spec().reward_terms[term],
          statistics.reward_sums[term] / episodes / seconds);
    }
    for (std::size_t i = 0; i < statistics.termination_counts.size(); ++i) {
      add("Episode_Termination/" + spec().termination_terms[i],
          statistics.termination_counts[i] / episodes);
    }
    add("Episode_Termination/time_out", static_cast<double>(statistics.truncations) / episodes);
  }
  add("Train/mean_reward", progress_.mean_return);
  add("Train/mean_episode_length", progress_.mean_length);
  add("Env/clip_fraction",
      static_cast<double>(statistics.clipped) /
          static_cast<double>(std::max<std::int64_t>(1, statistics.action_components)));
  progress_.num_divergences += statistics.divergences;
  add("Env/divergences", static_cast<double>(progress_.num_divergences));
  return log;
}

/// One iteration, or none: an interrupt does not wait for the end of a long one. What has been done
/// of it is given up, and will be done again, bit for bit; unless the agent keeps its place in it.
bool Run::learn_on(agents::IterationReport& report) {
  constexpr double kShort = 2.0;  // s; the first may be a long one
  const bool keeps_its_place = session_.agent->keeps_its_place();
  if (may_stop_ && !keeps_its_place) {
    snapshot_.take(state());
  }
  const auto began = Clock::now();
  report = session_.agent->iterate(*session_.env);
  if (!report.is_complete) {
    if (!keeps_its_place) {
      snapshot_.put_back(state());
      session_.restore();
    }
    return false;
  }
  const double time = seconds_since(began);
  may_stop_ = keeps_its_place || time > kShort;
  ++progress_.iteration;
  progress_.env_steps += report.env_steps;
  progress_.training_time += time;
  return true;
}

void Run::iterate() {
  agents::IterationReport report;
  if (!learn_on(report)) {
    return;
  }
  logs_.write(describe(report));
  save_divergences(folder_, config_, *session_.env, progress_.iteration);
}

bool Run::is_past_curriculum() const {
  const std::int64_t vector_steps = progress_.env_steps / config_.env.options.num_envs;
  return vector_steps >= config_.env.curriculum_steps();
}

bool Run::train() {
  while (progress_.iteration < session_.num_iterations && !is_interrupted()) {
    iterate();
    if (!is_interrupted() && progress_.iteration % config_.train.checkpoint_interval == 0) {
      checkpoint();
    }
  }
  checkpoint();
  logs_.flush();
  return progress_.iteration >= session_.num_iterations;
}

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
  std::error_code ignored;
  return std::filesystem::exists(folder + "/progress.jsonl", ignored) ||
         !files::list_checkpoints(folder).empty();
}

/// Puts the newest checkpoint of a run into session and progress. It only reads: a resume that is
/// refused leaves the folder as it was.
void restore(const std::string& folder, const RunConfig& config, Session& session,
             Progress& progress) {
  std::vector<std::string> messages;
  const files::Checkpoint checkpoint = files::open_newest_checkpoint(folder, messages);
  require_same_run(checkpoint.manifest, config);
  files::restore_part(checkpoint, session.agent->sizes());
  files::restore(checkpoint, state_of(progress, session));
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

int finish(Run& run) {
  fmt::print("Trained {} steps in {:.1f} minutes; run folder {}\n", run.progress().env_steps,
             run.progress().training_time / 60.0, run.folder());
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
  catch_interrupts();
  ignore_lost_readers();
  Session session = make_session(config);  // first: what is wrong with the config leaves no folder
  check_judgement(config, session.env->spec());
  Progress progress;
  const RunFolder folder = arguments.resume.empty() ? create_run_folder(config, arguments.out)
                                                    : RunFolder(find_run(arguments.resume));
  const bool goes_on = !arguments.resume.empty() && has_begun(folder.path);
  if (goes_on) {
    restore(folder.path, config, session, progress);
    write_params(config, folder.path);  // what was said on the command line holds from now on
  }
  Run run(config, folder.path, std::move(session), progress);
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
