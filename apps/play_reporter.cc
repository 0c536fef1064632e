#include "apps/play_reporter.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <mujoco/mujoco.h>

namespace fleet {

PlayReporter::PlayReporter(const envs::EnvSpec& spec) : spec_(spec) {
  is_velocity_ = std::ranges::find(spec.metrics, "lin_vel_error") != spec.metrics.end();
  if (spec.num_teams == 2) {
    return;
  }
  fmt::print("{}\n", is_velocity_
                         ? "    time   command x y (m/s), turn (rad/s)   velocity of the body"
                           "       errors (m/s, rad/s)"
                         : "    time   position of the root (m)      reward per second");
}

void PlayReporter::add(const envs::EnvBuffers& buffers, std::span<const double> qpos,
                       std::span<const double> qvel) {
  ++num_steps_;
  if (spec_.num_teams == 2) {
    add_match(buffers);
    std::fflush(stdout);
    return;
  }
  add_second(buffers, qpos, qvel);
  if (buffers.terminated[0] != 0) {
    fmt::print("{:7.2f} s  terminated; a new episode begins\n", time());
  } else if (buffers.truncated[0] != 0) {
    fmt::print("{:7.2f} s  time is up\n", time());
  }
}

double PlayReporter::metric(const envs::EnvBuffers& buffers, const char* name, int offset) const {
  const auto found = std::ranges::find(spec_.metrics, name);
  return buffers.views.metrics(0, static_cast<int>(found - spec_.metrics.begin()) + offset);
}

void PlayReporter::add_match(const envs::EnvBuffers& buffers) {
  const std::array<double, 2> hits{metric(buffers, "own_hits"), metric(buffers, "other_hits")};
  for (std::size_t team = 0; team < 2; ++team) {
    if (hits[team] > hits_[team]) {
      fmt::print("{:7.2f} s  team {} hits\n", time(), team);
    }
  }
  if (metric(buffers, "crossings") > crossings_) {
    fmt::print("{:7.2f} s  over the net\n", time());
  }
  hits_ = hits;
  crossings_ = metric(buffers, "crossings");
  const auto fault = static_cast<std::size_t>(std::lround(metric(buffers, "fault")));
  if (buffers.terminated[0] != 0 && fault > 0) {
    const bool won = metric(buffers, "won") > 0.5;
    const bool lost = metric(buffers, "lost") > 0.5;
    fmt::print("{:7.2f} s  {}: {}\n", time(),
               won    ? "team 0 wins the rally"
               : lost ? "team 1 wins the rally"
                      : "nobody wins the rally",
               spec_.termination_terms[fault - 1]);
  } else if (buffers.truncated[0] != 0) {
    fmt::print("{:7.2f} s  time is up\n", time());
  }
  if (buffers.terminated[0] != 0 || buffers.truncated[0] != 0) {
    hits_ = {};
    crossings_ = 0.0;
  }
}

void PlayReporter::add_second(const envs::EnvBuffers& buffers, std::span<const double> qpos,
                              std::span<const double> qvel) {
  ++in_second_;
  reward_ += buffers.reward[0];
  if (is_velocity_) {
    add_velocity(buffers, qpos, qvel);
  }
  const bool ends = buffers.terminated[0] != 0 || buffers.truncated[0] != 0;
  if (ends || in_second_ * spec_.control_period > 1.0 - 1e-9) {
    print_second(qpos);
  }
}

void PlayReporter::add_velocity(const envs::EnvBuffers& buffers, std::span<const double> qpos,
                                std::span<const double> qvel) {
  std::array<double, 4> to_body{};
  std::array<double, 3> body{};
  mju_negQuat(to_body.data(), qpos.data() + 3);
  mju_rotVecQuat(body.data(), qvel.data(), to_body.data());
  const std::array<double, 3> velocity{body[0], body[1], qvel[5]};
  for (std::size_t k = 0; k < 3; ++k) {
    velocity_[k] += velocity[k];
    command_[k] = metric(buffers, "command_lin_vel_x", static_cast<int>(k));
  }
  errors_[0] += metric(buffers, "lin_vel_error");
  errors_[1] += metric(buffers, "yaw_rate_error");
  has_fallen_ = has_fallen_ || metric(buffers, "fallen") > 0.5;
}

void PlayReporter::print_second(std::span<const double> qpos) {
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

}  // namespace fleet
