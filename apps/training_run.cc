#include "apps/training_run.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "apps/files/atomic_write.h"
#include "apps/files/sha256.h"
#include "apps/interrupt.h"
#include "apps/run_folder.h"

namespace fleet {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Fields checkpoint_fields(Progress& progress, const Session& session) {
  Fields fields = progress.state();
  std::ranges::move(session.state(), std::back_inserter(fields));
  return fields;
}

TrainingRun::TrainingRun(RunConfig config, std::string folder, Session session,
                         const Progress& progress)
    : config_(std::move(config)),
      folder_(std::move(folder)),
      session_(std::move(session)),
      progress_(progress),
      logs_(folder_) {
  session_.agent->stop_when([this] { return may_stop_ && is_interrupted(); });
}

void TrainingRun::resume() {
  logs_.forget_after(progress_.iteration);
  fmt::print("Resumed {} at iteration {}\n", folder_, progress_.iteration);
}

void TrainingRun::checkpoint() {
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

log::IterationLog TrainingRun::describe(const agents::IterationReport& report) {
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
bool TrainingRun::learn_on(agents::IterationReport& report) {
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

void TrainingRun::iterate() {
  agents::IterationReport report;
  if (!learn_on(report)) {
    return;
  }
  logs_.write(describe(report));
  save_divergences(folder_, config_, *session_.env, progress_.iteration);
}

bool TrainingRun::is_past_curriculum() const {
  const std::int64_t vector_steps = progress_.env_steps / config_.env.options.num_envs;
  return vector_steps >= config_.env.curriculum_steps();
}

bool TrainingRun::train() {
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

}  // namespace fleet
