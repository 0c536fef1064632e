#pragma once

#include <cstdint>
#include <string>
#include <vector>

// One function per subcommand: what the user typed in, the exit code out. Each prints.

namespace fleet {

struct TrainArguments {
  std::string task;
  std::string preset;       ///< "" for the task's own
  std::int64_t steps = 0;   ///< 0: as configured
  int num_envs = 0;         ///< 0: as configured
  int num_threads = -1;     ///< -1: as configured
  std::int64_t seed = -1;   ///< -1: as configured
  std::string out;          ///< "" for logs/<algorithm>/<task>/<time>
  std::string resume;       ///< a run folder to go on with
  std::string backend = "mujoco";
  std::string device = "cpu";
  std::vector<std::string> assignments;  ///< key.path=value
};
int train(const TrainArguments& arguments);

struct EvalArguments {
  std::string run;   ///< a run folder, or a task that has a shipped policy
  std::string task;  ///< evaluate on another task; "" for the run's own
  int episodes = 0;  ///< 0: 1,024 for velocity tasks, 100 for others
  std::uint64_t seed = 0;
  int num_threads = 0;
  std::string json;  ///< file to write, "-" for stdout, "" for none
  std::vector<std::string> assignments;
};
int eval(const EvalArguments& arguments);

struct PlayArguments {
  std::string run;                ///< a run folder, or a task
  std::string agent = "trained";  ///< trained, zero, random
  std::vector<double> command;    ///< m/s, m/s, rad/s; empty: as the task draws it
  int num_envs = 1;
  int episodes = 1;
  int steps = 0;  ///< control steps; 0: until the episodes have ended
  std::uint64_t seed = 0;
  int num_threads = 0;
  std::string png;    ///< file for a strip of pictures, "" for none
  std::string video;  ///< MP4 file, "" for none
  std::vector<std::string> assignments;
};
int play(const PlayArguments& arguments);

int verify_resume(const std::string& run, int iterations);

int list_tasks();

}  // namespace fleet
