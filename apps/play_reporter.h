#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "envs/batch_env.h"
#include "envs/env_buffers.h"

namespace fleet {

/// Prints what env 0 did: a line for each second of a velocity task or another of one robot, a line
/// for each event of a match.
class PlayReporter {
 public:
  /// @param spec must outlive this
  explicit PlayReporter(const envs::EnvSpec& spec);

  /// After each step. @param qpos (nq) @param qvel (nv) of env 0
  void add(const envs::EnvBuffers& buffers, std::span<const double> qpos,
           std::span<const double> qvel);

 private:
  double time() const { return num_steps_ * spec_.control_period; }
  double metric(const envs::EnvBuffers& buffers, const char* name, int offset = 0) const;
  void add_second(const envs::EnvBuffers& buffers, std::span<const double> qpos,
                  std::span<const double> qvel);
  void add_velocity(const envs::EnvBuffers& buffers, std::span<const double> qpos,
                    std::span<const double> qvel);
  void add_match(const envs::EnvBuffers& buffers);
  void print_second(std::span<const double> qpos);

  const envs::EnvSpec& spec_;
  bool is_velocity_ = false;
  int num_steps_ = 0;
  // Of a second.
  int in_second_ = 0;
  double reward_ = 0.0;
  bool has_fallen_ = false;
  std::array<double, 3> velocity_{}, command_{};
  std::array<double, 2> errors_{};
  // Of a rally.
  double crossings_ = 0.0;
  std::array<double, 2> hits_{};  // by team
};

}  // namespace fleet
