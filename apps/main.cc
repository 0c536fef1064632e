// fleet: trains, evaluates and runs robot controllers. ./fleet --help lists the subcommands.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "apps/commands.h"
#include "apps/exit_code.h"
#include "apps/usage_error.h"
#include "apps/user_error.h"
#include "envs/env_options.h"

namespace fleet {
namespace {

/// What to run once the command line has been read.
using Command = std::function<int()>;

const std::vector<std::string> kBackends = envs::names_of(envs::Backend{});

/// Adds --backend, short for an assignment. @returns where its value will stand
std::shared_ptr<std::string> add_backend(CLI::App& sub) {
  auto backend = std::make_shared<std::string>();
  sub.add_option("--backend", *backend, "Physics: mujoco, lanes")->check(CLI::IsMember(kBackends));
  return backend;
}

void assign_backend(const std::string& backend, std::vector<std::string>& assignments) {
  if (!backend.empty()) {
    assignments.push_back("options.backend=" + backend);
  }
}

void add_train(CLI::App& app, Command& command) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App& sub = *app.add_subcommand("train", "Train an agent on a task, evaluate, keep the run");
  sub.add_option("task", arguments->task, "Task, see `fleet tasks`; then key.path=value ...");
  sub.add_option("overrides", arguments->assignments, "Settings, e.g. ppo.gamma=0.97");
  sub.add_option("--agent", arguments->preset, "Agent preset: a file of configs/agents");
  sub.add_option("--steps", arguments->steps, "Env steps in all")->check(whole_number(1));
  sub.add_option("--num-envs", arguments->num_envs, "Parallel envs")->check(env_count());
  sub.add_option("--threads", arguments->num_threads, "Threads; 0: one per CPU")
      ->check(thread_count(0));
  sub.add_option("--seed", arguments->seed, "Of all random numbers; default 1")
      ->check(whole_number(0));
  sub.add_option("--out", arguments->out, "Run folder; default logs/<algorithm>/<task>/<time>");
  sub.add_option("--resume", arguments->resume, "Run folder to go on with");
  const auto backend = add_backend(sub);
  sub.add_option("--device", arguments->device, "Where to learn: cpu")
      ->check(CLI::IsMember({"cpu"}));
  sub.callback([=, &command] {
    if (arguments->task.find('=') != std::string::npos) {  // `--resume RUN key=value`
      arguments->assignments.insert(arguments->assignments.begin(), arguments->task);
      arguments->task.clear();
    }
    if (arguments->task.empty() == arguments->resume.empty()) {
      throw CLI::ValidationError("train", "name a task, or a run by --resume, not both");
    }
    assign_backend(*backend, arguments->assignments);
    command = [arguments] { return train(*arguments); };
  });
}

void add_eval(CLI::App& app, Command& command) {
  auto arguments = std::make_shared<EvalArguments>();
  CLI::App& sub = *app.add_subcommand("eval", "Judge a policy on episodes it never trained on");
  sub.add_option("run", arguments->run, "Run folder, task with a shipped policy, or .onnx file")
      ->required();
  sub.add_option("--task", arguments->task, "Judge on another task");
  sub.add_option("--episodes", arguments->episodes)->check(whole_number(1));
  sub.add_option("--seed", arguments->seed)->check(whole_number(0));
  sub.add_option("--threads", arguments->num_threads)->check(thread_count(0));
  sub.add_option("--json", arguments->json, "File for the figures; - for stdout");
  auto match = std::make_shared<MatchArguments>();
  CLI::Option* const home =
      sub.add_option("--home", match->home, "A match instead: `eval TASK --home TEAM --away TEAM`");
  CLI::Option* const away =
      sub.add_option("--away", match->away, "Teams: shipped names of the task, or run folders");
  home->needs(away);
  away->needs(home);
  sub.add_option("--games", match->games, "Rallies of a match")->check(env_count())->needs(home);
  const auto backend = add_backend(sub);
  sub.callback([=, &sub, &command] {
    assign_backend(*backend, arguments->assignments);
    if (match->home.empty()) {
      command = [arguments] { return eval(*arguments); };
      return;
    }
    if (sub.count("--task") + sub.count("--episodes") > 0) {
      throw CLI::ValidationError("eval", "--task and --episodes do not fit a match: see --games");
    }
    match->task = arguments->run;
    match->seed = arguments->seed;
    match->num_threads = arguments->num_threads;
    match->json = arguments->json;
    match->assignments = arguments->assignments;
    command = [match] { return eval_match(*match); };
  });
}

void add_cross_play(CLI::App& app, Command& command) {
  auto arguments = std::make_shared<CrossPlayArguments>();
  CLI::App& sub =
      *app.add_subcommand("cross-play", "Let teams play each against each; win rates and Elo");
  sub.add_option("task", arguments->task, "A match, e.g. volley/1v1")->required();
  sub.add_option("teams", arguments->teams, "Shipped names of the task, or run folders")
      ->required();
  sub.add_option("--games", arguments->games, "Rallies of each pair")->check(env_count());
  sub.add_option("--seed", arguments->seed)->check(whole_number(0));
  sub.add_option("--threads", arguments->num_threads)->check(thread_count(0));
  sub.add_option("--json", arguments->json, "File for the table; - for stdout");
  const auto backend = add_backend(sub);
  sub.callback([=, &command] {
    assign_backend(*backend, arguments->assignments);
    command = [arguments] { return cross_play(*arguments); };
  });
}

void add_export(CLI::App& app, Command& command) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App& sub =
      *app.add_subcommand("export", "Write a policy as ONNX, proved equal to the run's");
  sub.add_option("run", arguments->run, "Run folder, or a task with a shipped policy")->required();
  sub.add_option("--out", arguments->out, "File; default policy.onnx. Others are put beside it");
  sub.add_option("--threads", arguments->num_threads)->check(thread_count(0));
  sub.callback([=, &command] { command = [arguments] { return export_policy(*arguments); }; });
}

void add_inspect(CLI::App& app, Command& command) {
  auto file = std::make_shared<std::string>();
  auto as_json = std::make_shared<bool>(false);
  CLI::App& sub = *app.add_subcommand("inspect", "Print what an .onnx policy expects and does");
  sub.add_option("file", *file, "An .onnx file, ours or mjlab's")->required();
  sub.add_flag("--json", *as_json, "The contract as JSON, and nothing else");
  sub.callback([=, &command] { command = [=] { return inspect(*file, *as_json); }; });
}

void add_play(CLI::App& app, Command& command) {
  auto arguments = std::make_shared<PlayArguments>();
  CLI::App& sub = *app.add_subcommand("play", "Run a policy, report each second, draw pictures");
  sub.add_option("run", arguments->run, "Run folder or task; then key.path=value ...")->required();
  sub.add_option("overrides", arguments->assignments, "Settings, e.g. velocity.push.enabled=false");
  sub.add_option("--agent", arguments->agent)->check(CLI::IsMember({"trained", "zero", "random"}));
  sub.add_option("--home", arguments->home, "Team of a match: shipped name or run folder");
  sub.add_option("--away", arguments->away, "The other team");
  sub.add_option("--command", arguments->command, "Fixed command vx,vy,wz (m/s, m/s, rad/s)")
      ->delimiter(',')
      ->expected(3);
  sub.add_option("--num-envs", arguments->num_envs)->check(env_count());
  sub.add_option("--episodes", arguments->episodes)->check(whole_number(1));
  sub.add_option("--steps", arguments->steps, "Control steps, instead of episodes")
      ->check(whole_number(1));
  sub.add_option("--seed", arguments->seed)->check(whole_number(0));
  sub.add_option("--threads", arguments->num_threads)->check(thread_count(0));
  sub.add_option("--png", arguments->png, "File for a strip of eight pictures");
  sub.add_option("--video", arguments->video, "File for an MP4; needs ffmpeg");
  sub.add_option("--save", arguments->save, "File (.npz) for the motion of env 0");
  sub.add_option("--replay", arguments->replay, "Show a saved motion, or a rollout's, instead");
  const auto backend = add_backend(sub);
  sub.callback([=, &command] {
    assign_backend(*backend, arguments->assignments);
    command = [arguments] { return play(*arguments); };
  });
}

void add_rollout(CLI::App& app, Command& command) {
  auto arguments = std::make_shared<RolloutArguments>();
  CLI::App& sub = *app.add_subcommand("rollout", "Replay actions, write what every step computed");
  sub.add_option("task", arguments->task, "Task; then key.path=value ...")->required();
  sub.add_option("overrides", arguments->assignments, "Settings, e.g. velocity.push.enabled=false");
  sub.add_option("--actions", arguments->actions, ".npy, (steps, num_envs, action_dim)")
      ->required();
  sub.add_option("--out", arguments->out, ".npz for all that was computed")->required();
  sub.add_option("--state", arguments->state, ".npz to start from: qpos, qvel (num_envs, n)");
  sub.add_option("--precision", arguments->precision, "Of actions, observations, rewards")
      ->check(CLI::IsMember({"float", "double"}));
  sub.add_option("--seed", arguments->seed)->check(whole_number(0));
  sub.add_option("--threads", arguments->num_threads)->check(thread_count(0));
  sub.add_flag("--noise", arguments->noise, "With the task's observation noise");
  const auto backend = add_backend(sub);
  sub.callback([=, &command] {
    assign_backend(*backend, arguments->assignments);
    command = [arguments] { return rollout(*arguments); };
  });
}

CLI::App& add_benchmark(CLI::App& bench, const char* name, const char* what,
                        const std::shared_ptr<BenchArguments>& arguments) {
  CLI::App& sub = *bench.add_subcommand(name, what);
  sub.add_option("subject", arguments->subject, "Task; `sim` also takes an MJCF file")->required();
  sub.add_option("overrides", arguments->assignments, "Settings, key.path=value ...");
  sub.add_option("--agent,--preset", arguments->preset, "Agent preset: a file of configs/agents");
  sub.add_option("--backend", arguments->backends, "Physics, e.g. mujoco,lanes")
      ->delimiter(',')
      ->check(CLI::IsMember(kBackends));
  sub.add_option("--threads", arguments->threads, "Numbers of threads, e.g. 1,2")
      ->delimiter(',')
      ->check(thread_count(1));
  sub.add_option("--num-envs", arguments->num_envs)->check(env_count());
  sub.add_option("--steps", arguments->steps, "Per round: control steps; `train`: iterations")
      ->check(whole_number(1));
  sub.add_option("--seed", arguments->seed)->check(whole_number(0));
  sub.add_option("--json", arguments->json, "File for the figures; - for stdout");
  return sub;
}

void add_bench(CLI::App& app, Command& command) {
  auto arguments = std::make_shared<BenchArguments>();
  CLI::App& bench = *app.add_subcommand("bench", "Measure speeds on this machine");
  bench.require_subcommand(1);
  const auto add = [&](const char* name, const char* what, int (*measure)(const BenchArguments&)) {
    CLI::App& sub = add_benchmark(bench, name, what, arguments);
    sub.callback([=, &command] { command = [=] { return measure(*arguments); }; });
    return &sub;
  };
  add("sim", "Physics alone, against MuJoCo's own batch", bench_sim)
      ->add_option("--substeps", arguments->substeps, "Physics steps per control step")
      ->check(whole_number(1));
  add("env", "A task's envs, against the physics in them", bench_env);
  add("learner", "The learner alone, with a task's sizes", bench_learner);
  add("train", "Whole training iterations", bench_train);
}

void add_replay(CLI::App& app, Command& command) {
  auto file = std::make_shared<std::string>();
  CLI::App& sub = *app.add_subcommand("replay", "Let worlds that diverged in a run diverge again");
  sub.add_option("file", *file, "RUN/divergences/iteration_<n>.safetensors")->required();
  sub.callback([=, &command] { command = [=] { return replay(*file); }; });
}

void add_doctor(CLI::App& app, Command& command) {
  CLI::App& sub = *app.add_subcommand("doctor", "Look at all that a run needs on this machine");
  sub.callback([&command] { command = doctor; });
}

void add_tasks(CLI::App& app, Command& command) {
  CLI::App& sub = *app.add_subcommand("tasks", "List the tasks");
  sub.callback([&command] { command = list_tasks; });
}

void add_verify_resume(CLI::App& app, Command& command) {
  auto run = std::make_shared<std::string>();
  auto iterations = std::make_shared<int>(3);
  CLI::App& sub = *app.add_subcommand(
      "verify-resume", "Prove that a resumed run equals an uninterrupted one, bit for bit");
  sub.add_option("run", *run, "Run folder, or a task")->required();
  sub.add_option("--iterations", *iterations, "Before and after the save")->check(whole_number(1));
  sub.callback([=, &command] { command = [=] { return verify_resume(*run, *iterations); }; });
}

int run(int argc, char** argv) {
  CLI::App app("Fleet trains robot controllers in batched MuJoCo worlds.", "fleet");
  app.set_version_flag("--version", FLEET_VERSION);
  app.require_subcommand(1);
  app.footer(
      "The launcher also knows: ./fleet test (every test), ./fleet view RUN|TASK|FILE (a window).");
  Command command;
  add_train(app, command);
  add_eval(app, command);
  add_cross_play(app, command);
  add_export(app, command);
  add_inspect(app, command);
  add_play(app, command);
  add_rollout(app, command);
  add_replay(app, command);
  add_bench(app, command);
  add_tasks(app, command);
  add_doctor(app, command);
  add_verify_resume(app, command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // --help, --version
      return app.exit(error);
    }
    throw UserError(usage_error(app, error));
  }
  return command();
}

}  // namespace
}  // namespace fleet

int main(int argc, char** argv) {
  return fleet::exit_code_of([&] { return fleet::run(argc, argv); });
}
