#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <fmt/format.h>
#include <mujoco/mujoco.h>

#include "apps/commands.h"
#include "envs/env_buffers.h"
#include "apps/evaluation.h"
#include "apps/files/atomic_write.h"
#include "apps/interrupt.h"
#include "apps/play_pictures.h"
#include "apps/random_actions.h"
#include "apps/run_folder.h"
#include "apps/session.h"
#include "apps/user_error.h"

namespace fleet {
namespace {

constexpr int kStepsWithoutLimit = 1000;  // of a task whose episodes have no end

bool is_run(const std::string& name) {
  std::error_code ignored;
  return std::filesystem::exists(name + "/params/run.yaml", ignored) ||
         std::filesystem::exists(root_folder() + "/policies/" + name + "/params/run.yaml", ignored);
}

/// Every command is this one from now on.
void fix_command(tasks::CommandConfig& config, const std::vector<double>& command) {
  const auto exactly = [&](std::size_t k) { return tasks::Range{command[k], command[k]}; };
  config.stages = {{.lin_vel_x = exactly(0), .lin_vel_y = exactly(1), .ang_vel_z = exactly(2)}};
  config.standing = config.heading = config.forward = 0.0;
}

RunConfig config_of(const PlayArguments& arguments) {
  const std::vector<std::string> assignments = on_mujoco(arguments.assignments);
  RunConfig config = arguments.agent == "trained" || is_run(arguments.run)
                         ? load_run_folder(find_run(arguments.run), assignments)
                         : load_run_config(arguments.run, {"", assignments});
  if (!arguments.command.empty()) {
    if (config.env.task != "velocity") {
      throw UserError(config.name + ": takes no command; --command is for velocity tasks");
    }
    fix_command(config.env.velocity.command, arguments.command);
  }
  config.env = evaluation_config(config.env, arguments.num_envs);
  config.env.options.num_threads = arguments.num_threads;
  return config;
}

/// What env 0 did, averaged over a second at a time, a line for each.
class Reporter {
 public:
  explicit Reporter(const envs::EnvSpec& spec) : spec_(spec) {
    is_velocity_ = std::ranges::find(spec.metrics, "lin_vel_error") != spec.metrics.end();
    fmt::print("{}\n", is_velocity_
                           ? "    time   command x y (m/s), turn (rad/s)   velocity of the body"
                             "       errors (m/s, rad/s)"
                           : "    time   position of the root (m)      reward per second");
  }

  void add(const envs::EnvBuffers& buffers, std::span<const double> qpos, std::span<const double> qvel) {
    ++num_steps_;
    ++in_second_;
    reward_ += buffers.reward[0];
    if (is_velocity_) {
      add_velocity(buffers, qpos, qvel);
    }
    const bool ends = buffers.terminated[0] != 0 || buffers.truncated[0] != 0;
    if (ends || in_second_ * spec_.control_period > 1.0 - 1e-9) {
      print(qpos);
    }
    if (buffers.terminated[0] != 0) {
      fmt::print("{:7.2f} s  terminated; a new episode begins\n", time());
    } else if (buffers.truncated[0] != 0) {
      fmt::print("{:7.2f} s  time is up\n", time());
    }
  }

 private:
  double time() const { return num_steps_ * spec_.control_period; }

  void add_velocity(const envs::EnvBuffers& buffers, std::span<const double> qpos,
                    std::span<const double> qvel) {
    std::array<double, 4> to_body{};
    std::array<double, 3> body{};
    mju_negQuat(to_body.data(), qpos.data() + 3);
    mju_rotVecQuat(body.data(), qvel.data(), to_body.data());
    const std::array<double, 3> velocity{body[0], body[1], qvel[5]};
    for (int k = 0; k < 3; ++k) {
      velocity_[static_cast<std::size_t>(k)] += velocity[static_cast<std::size_t>(k)];
      command_[static_cast<std::size_t>(k)] = metric(buffers, "command_lin_vel_x", k);
    }
    errors_[0] += metric(buffers, "lin_vel_error", 0);
    errors_[1] += metric(buffers, "yaw_rate_error", 0);
    has_fallen_ = has_fallen_ || metric(buffers, "fallen", 0) > 0.5;
  }

  double metric(const envs::EnvBuffers& buffers, const char* name, int offset) const {
    const auto found = std::ranges::find(spec_.metrics, name);
    return buffers.views.metrics(0, static_cast<int>(found - spec_.metrics.begin()) + offset);
  }

  void print(std::span<const double> qpos) {
    const double n = in_second_;
    if (is_velocity_) {
      fmt::print(
          "{:7.2f} s  {:+6.2f} {:+6.2f} {:+6.2f}              {:+6.2f} {:+6.2f} {:+6.2f}"
          "        {:6.3f} {:6.3f}{}\n",
          time(), command_[0], command_[1], command_[2], velocity_[0] / n, velocity_[1] / n,
          velocity_[2] / n, errors_[0] / n, errors_[1] / n, has_fallen_ ? "  fallen" : "");
    } else {
      fmt::print("{:7.2f} s  {:+8.3f} {:+8.3f} {:+8.3f}   {:10.3f}\n", time(), qpos[0], qpos[1],
                 qpos[2], reward_ / (n * spec_.control_period));
    }
    std::fflush(stdout);
    in_second_ = 0;
    reward_ = 0.0;
    velocity_ = {};
    errors_ = {};
    has_fallen_ = false;
  }

  const envs::EnvSpec& spec_;
  bool is_velocity_ = false;
  bool has_fallen_ = false;
  int num_steps_ = 0;
  int in_second_ = 0;
  double reward_ = 0.0;
  std::array<double, 3> velocity_{}, command_{};
  std::array<double, 2> errors_{};
};

/// Plays and keeps env 0's positions. @param policy null: random or no actions
Motion act_out(envs::BatchEnv& env, const agents::Agent* policy, const PlayArguments& arguments) {
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
  Reporter reporter(spec);
  Motion motion{.control_period = spec.control_period, .qpos = {}};
  const auto nq = static_cast<std::ptrdiff_t>(env.nq());
  const auto nv = static_cast<std::size_t>(env.nv());
  const int no_end = spec.max_episode_steps == 0 ? kStepsWithoutLimit : 0;
  const int num_steps = arguments.steps > 0 ? arguments.steps : no_end;
  for (int step = 0, ended = 0; !is_interrupted(); ++step) {
    if (num_steps > 0 ? step >= num_steps : ended >= arguments.episodes) {
      break;
    }
    if (policy != nullptr) {
      policy->act(buffers.views.observation[0], buffers.action_view());
    } else if (arguments.agent == "random") {
      draw_actions(arguments.seed, step, buffers.action_view());
    }
    env.step(buffers.action_view(), buffers.views);
    reporter.add(buffers, std::span(qpos).first(static_cast<std::size_t>(nq)),
                 std::span(qvel).first(nv));
    motion.qpos.emplace_back(qpos.begin(), qpos.begin() + nq);
    ended += buffers.terminated[0] != 0 || buffers.truncated[0] != 0 ? 1 : 0;
  }
  return motion;
}

/// Shows what was saved; nothing is simulated.
int show(const PlayArguments& arguments) {
  if (arguments.png.empty() && arguments.video.empty()) {
    throw UserError("--replay: needs --png or --video to show the motion in");
  }
  PlayArguments task_alone = arguments;
  task_alone.agent = is_run(arguments.run) ? "trained" : "zero";
  const RunConfig config = config_of(task_alone);
  Pictures pictures(config.env, arguments.png, arguments.video);
  const auto env = build_env(config.env);
  pictures.save({.control_period = env->spec().control_period,
                 .qpos = load_motion(arguments.replay, pictures.nq())});
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
  std::unique_ptr<agents::Agent> policy;
  if (arguments.agent == "trained") {
    policy = make_actor(config, env->spec());
    load_policy(find_run(arguments.run), *policy);
  }
  const Motion motion = act_out(*env, policy.get(), arguments);
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
