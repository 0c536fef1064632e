#pragma once

#include <string>

#include "apps/log/iteration_log.h"
#include "apps/progress.h"
#include "apps/run_config.h"
#include "apps/run_logs.h"
#include "apps/session.h"
#include "apps/snapshot.h"

namespace fleet {

/// All that a checkpoint of a training holds.
Fields checkpoint_fields(Progress& progress, const Session& session);

/// A training under way: env, agent, counters, and the files it writes.
class TrainingRun {
 public:
  /// @param folder exists, and only this process writes there
  TrainingRun(RunConfig config, std::string folder, Session session, const Progress& progress);
  TrainingRun(const TrainingRun&) = delete;
  TrainingRun& operator=(const TrainingRun&) = delete;

  const RunConfig& config() const { return config_; }
  const std::string& folder() const { return folder_; }
  const envs::EnvSpec& spec() const { return session_.env->spec(); }
  const Progress& progress() const { return progress_; }

  void start() { session_.agent->start(*session_.env); }
  /// Goes on from the checkpoint that session and progress were restored from.
  void resume();
  /// @returns false if it was interrupted
  bool train();

 private:
  void iterate();
  void checkpoint();
  bool learn_on(agents::IterationReport& report);
  bool is_past_curriculum() const;
  log::IterationLog describe(const agents::IterationReport& report);
  Fields state() { return checkpoint_fields(progress_, session_); }

  RunConfig config_;
  std::string folder_;
  Session session_;
  Progress progress_;
  RunLogs logs_;
  Snapshot snapshot_;     // of before the iteration under way
  bool may_stop_ = true;  // within it
};

}  // namespace fleet
