#pragma once

#include <cstdint>
#include <string>
#include <vector>

// One function per subcommand: what the user typed in, the exit code out. Each prints.

namespace fleet {

struct TrainArguments {
  std::string task;
  std::string preset;      ///< "" for the task's own
  std::int64_t steps = 0;  ///< 0: as configured
  int num_envs = 0;        ///< 0: as configured
  int num_threads = -1;    ///< -1: as configured
  std::int64_t seed = -1;  ///< -1: as configured
  std::string out;         ///< "" for logs/<algorithm>/<task>/<time>
  std::string resume;      ///< a run folder to go on with
  std::string device = "cpu";
  std::vector<std::string> assignments;  ///< key.path=value, --backend among them
};
int train(const TrainArguments& arguments);

struct EvalArguments {
  std::string run;   ///< a run folder, a task that has a shipped policy, or an .onnx file
  std::string task;  ///< evaluate on another task; "" for the run's own
  int episodes = 0;  ///< 0: 1,024; of Gymnasium's tasks 100
  std::uint64_t seed = 0;
  int num_threads = 0;
  std::string json;                      ///< file to write, "-" for stdout, "" for none
  std::vector<std::string> assignments;  ///< over the task that is judged on
};
int eval(const EvalArguments& arguments);

struct MatchArguments {
  std::string task;
  std::string home, away;  ///< shipped teams of the task, or run folders
  int games = 1000;
  std::uint64_t seed = 0;
  int num_threads = 0;
  std::string json;  ///< file to write, "-" for stdout, "" for none
  std::vector<std::string> assignments;
};
int eval_match(const MatchArguments& arguments);

struct CrossPlayArguments {
  std::string task;
  std::vector<std::string> teams;  ///< shipped teams of the task, or run folders
  int games = 200;                 ///< of each pair
  std::uint64_t seed = 0;
  int num_threads = 0;
  std::string json;  ///< file to write, "-" for stdout, "" for none
  std::vector<std::string> assignments;
};
int cross_play(const CrossPlayArguments& arguments);

struct ExportArguments {
  std::string run;                  ///< a run folder, or a task that has a shipped policy
  std::string out = "policy.onnx";  ///< .json, .yaml and .golden.npz are written beside it
  int num_threads = 0;
};
int export_policy(const ExportArguments& arguments);

/// Prints what an .onnx file says of itself. @param as_json its contract as JSON, and nothing else
int inspect(const std::string& file, bool as_json);

struct PlayArguments {
  std::string run;                ///< a run folder, or a task
  std::string agent = "trained";  ///< trained, zero, random
  std::string home, away;         ///< teams of a match, see MatchArguments; "": the shipped ones
  std::vector<double> command;    ///< m/s, m/s, rad/s; empty: as the task draws it
  int num_envs = 1;
  int episodes = 1;
  int steps = 0;  ///< control steps; 0: until the episodes have ended
  std::uint64_t seed = 0;
  int num_threads = 0;
  std::string png;    ///< file for a strip of pictures, "" for none
  std::string video;  ///< MP4 file, "" for none
  std::string save;   ///< .npz file for what env 0 did, "" for none
  std::string replay;  ///< .npz of such, or of a rollout, to show instead of acting; "" for none
  std::vector<std::string> assignments;
};
int play(const PlayArguments& arguments);

struct RolloutArguments {
  std::string task;
  std::string actions;              ///< .npy (steps, num_envs, action_dim)
  std::string out;                  ///< .npz
  std::string state;                ///< .npz with qpos and qvel to start from; "" for drawn ones
  std::string precision = "float";  ///< float, double: of actions, observations and rewards
  std::uint64_t seed = 0;
  int num_threads = 0;
  bool noise = false;
  std::vector<std::string> assignments;
};
int rollout(const RolloutArguments& arguments);

struct BenchArguments {
  std::string subject;             ///< a task; for `sim` also an MJCF file
  std::string preset;              ///< agent preset, "" for the task's own
  std::vector<int> threads{1, 2};  ///< one line of figures each
  int num_envs = 0;                ///< 0: the benchmark's own
  int steps = 0;     ///< per round, control steps or iterations; 0: the benchmark's own
  int substeps = 0;  ///< physics steps per control step of `sim`; 0: as the task or file has it
  std::uint64_t seed = 1;
  std::vector<std::string> backends;  ///< empty: as configured
  std::string json;                   ///< file to write, "-" for stdout, "" for none
  std::vector<std::string> assignments;
};
int bench_sim(const BenchArguments& arguments);
int bench_env(const BenchArguments& arguments);
int bench_learner(const BenchArguments& arguments);
int bench_train(const BenchArguments& arguments);

int replay(const std::string& file);

int doctor();

int verify_resume(const std::string& run, int iterations);

int list_tasks();

}  // namespace fleet
