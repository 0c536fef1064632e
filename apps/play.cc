#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "agents/self_play/sides_actor.h"
#include "apps/commands.h"
#include "apps/evaluation.h"
#include "apps/files/atomic_write.h"
#include "apps/interrupt.h"
#include "apps/match/team.h"
#include "apps/play_pictures.h"
#include "apps/play_reporter.h"
#include "apps/random_actions.h"
#include "apps/run_folder.h"
#include "apps/session.h"
#include "apps/user_error.h"
#include "envs/env_buffers.h"

namespace fleet {
namespace {

constexpr int kStepsWithoutLimit = 1000;  // of a task whose episodes have no end

bool is_run(const std::string& name) {
  std::error_code ignored;
  return std::filesystem::exists(name + "/params/run.yaml", ignored) ||
         std::filesystem::exists(root_folder() + "/policies/" + name + "/params/run.yaml", ignored);
}

/// Two teams play, unless a run's own policy is to act for both.
bool plays_match(const PlayArguments& arguments) {
  const std::vector<std::string> tasks = task_names();
  if (is_run(arguments.run) || std::ranges::find(tasks, arguments.run) == tasks.end()) {
    return false;
  }
  return is_match(load_run_config(arguments.run, {}).env);
}

/// Every command is this one from now on.
void fix_command(tasks::CommandConfig& config, const std::vector<double>& command) {
  const auto exactly = [&](std::size_t k) { return tasks::Range{command[k], command[k]}; };
  config.stages = {{.lin_vel_x = exactly(0), .lin_vel_y = exactly(1), .ang_vel_z = exactly(2)}};
  config.standing = config.heading = config.forward = 0.0;
}

RunConfig config_of(const PlayArguments& arguments) {
  const std::vector<std::string> assignments = on_mujoco(arguments.assignments);
  const bool is_match = plays_match(arguments);
  if (!is_match && !(arguments.home + arguments.away).empty()) {
    throw UserError(arguments.run + ": is no match; --home and --away are for a match's task");
  }
  const bool of_run = is_run(arguments.run) || (arguments.agent == "trained" && !is_match);
  RunConfig config = of_run ? load_run_folder(find_run(arguments.run), assignments)
                            : load_run_config(arguments.run, {"", assignments});
  if (!arguments.command.empty()) {
    if (config.env.task != "velocity") {
      throw UserError(config.name + ": takes no command; --command is for velocity tasks");
    }
    fix_command(config.env.velocity.command, arguments.command);
  }
  config.env.volley.observe_aim |= is_match;  // as match_config()
  config.env = evaluation_config(config.env, arguments.num_envs);
  config.env.options.num_threads = arguments.num_threads;
  return config;
}

/// Who acts in a step, for all rows.
using Act =
    std::function<void(int step, BatchView<const float> observation, BatchView<float> action)>;

/// Plays and keeps env 0's positions.
Motion act_out(envs::BatchEnv& env, const Act& act, const PlayArguments& arguments) {
  const envs::EnvSpec& spec = env.spec();
  envs::EnvBuffers buffers(spec);
  const auto size = [&](int columns) { return static_cast<std::size_t>(spec.num_envs * columns); };
  std::vector<double> qpos(size(env.nq()));
  std::vector<double> qvel(size(env.nv()));
  envs::UnroundedBuffers states;
  states.qpos = {qpos.data(), spec.num_envs, env.nq()};
  states.qvel = {qvel.data(), spec.num_envs, env.nv()};
  env.record(states);
  env.reset(arguments.seed, buffers.views);
  PlayReporter reporter(spec);
  Motion motion{.control_period = spec.control_period, .qpos = {}};
  const auto nq = static_cast<std::ptrdiff_t>(env.nq());
  const auto nv = static_cast<std::size_t>(env.nv());
  const int no_end = spec.max_episode_steps == 0 ? kStepsWithoutLimit : 0;
  const int num_steps = arguments.steps > 0 ? arguments.steps : no_end;
  for (int step = 0, ended = 0; !is_interrupted(); ++step) {
    if (num_steps > 0 ? step >= num_steps : ended >= arguments.episodes) {
      break;
    }
    act(step, buffers.views.observation[0], buffers.action_view());
    env.step(buffers.action_view(), buffers.views);
    reporter.add(buffers, std::span(qpos).first(static_cast<std::size_t>(nq)),
                 std::span(qvel).first(nv));
    motion.qpos.emplace_back(qpos.begin(), qpos.begin() + nq);
    ended += buffers.terminated[0] != 0 || buffers.truncated[0] != 0 ? 1 : 0;
  }
  return motion;
}

/// The teams of a match that was named instead of a run.
Act teams_act(const PlayArguments& arguments, const envs::EnvSpec& spec) {
  const MatchSetting setting{.task = arguments.run,
                             .games = arguments.num_envs,
                             .num_threads = arguments.num_threads,
                             .assignments = arguments.assignments};
  struct Teams {
    Team home, away;
    agents::SidesActor actor;
  };
  const auto teams = std::make_shared<Teams>(
      Teams{.home = load_team(setting, team_or_default(setting.task, arguments.home), spec),
            .away = load_team(setting, team_or_default(setting.task, arguments.away), spec),
            .actor = agents::SidesActor(spec)});
  fmt::print("{} at x > 0 against {}\n", teams->home.name, teams->away.name);
  return [teams](int /*step*/, BatchView<const float> observation, BatchView<float> action) {
    teams->actor.act(*teams->home.policy, *teams->away.policy, observation, action);
  };
}

Act make_act(const PlayArguments& arguments, const RunConfig& config, const envs::EnvSpec& spec) {
  if (arguments.agent == "random") {
    return [seed = arguments.seed](int step, BatchView<const float> /*observation*/,
                                   BatchView<float> action) { draw_actions(seed, step, action); };
  }
  if (arguments.agent == "zero") {
    return [](int /*step*/, BatchView<const float> /*observation*/, BatchView<float> /*action*/) {};
  }
  if (plays_match(arguments)) {
    return teams_act(arguments, spec);
  }
  const std::shared_ptr<agents::Agent> policy = make_actor(config, spec);
  load_policy(find_run(arguments.run), *policy);
  return [policy](int /*step*/, BatchView<const float> observation, BatchView<float> action) {
    policy->act(observation, action);
  };
}

/// Shows what was saved; nothing is simulated.
int show(const PlayArguments& arguments) {
  if (arguments.png.empty() && arguments.video.empty()) {
    throw UserError("--replay: needs --png or --video to show the motion in");
  }
  PlayArguments task_alone = arguments;
  task_alone.agent = is_run(arguments.run) ? "trained" : "zero";
  const RunConfig config = config_of(task_alone);
  const auto env = build_env(config.env);
  const Motion motion{.control_period = env->spec().control_period,
                      .qpos = load_motion(arguments.replay, env->nq())};
  Pictures(config.env, arguments.png, arguments.video).save(motion);
  return 0;
}

}  // namespace

int play(const PlayArguments& arguments) {
  for (const std::string& file : {arguments.png, arguments.video, arguments.save}) {
    files::require_writable(file);
  }
  if (!arguments.replay.empty()) {
    return show(arguments);
  }
  const RunConfig config = config_of(arguments);
  std::optional<Pictures> pictures;
  if (!arguments.png.empty() || !arguments.video.empty()) {
    pictures.emplace(config.env, arguments.png, arguments.video);  // first: it may not work here
  }
  catch_interrupts();
  const auto env = build_env(config.env);
  const Motion motion = act_out(*env, make_act(arguments, config, env->spec()), arguments);
  const envs::Statistics statistics = env->take_statistics();
  if (statistics.episodes > 0) {
    const auto episodes = static_cast<double>(statistics.episodes);
    fmt::print("{} episodes ended: return {:.2f}, {:.1f} steps, {} by time\n", statistics.episodes,
               statistics.return_sum / episodes, statistics.length_sum / episodes,
               statistics.truncations);
  }
  if (!arguments.save.empty()) {
    save_motion(arguments.save, motion);
  }
  if (pictures) {
    pictures->save(motion);
  }
  return 0;
}

}  // namespace fleet
