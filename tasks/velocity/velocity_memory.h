#pragma once

#include <array>

#include "tasks/velocity/velocity_terms.h"

namespace fleet::tasks {

/// What one env of the velocity task remembers between control steps. Flags are 0 or 1.
template <class Real>
struct VelocityMemory {
  std::array<Real, kMaxJoints> encoder_bias{};     ///< rad; lasts for the whole run
  std::array<Real, kMaxJoints> action{};           ///< action units, as clipped
  std::array<Real, kMaxJoints> previous_action{};  ///< of the control step before
  std::array<Real, 3> command{};
  Real heading_target{};
  Real is_heading{}, is_standing{};
  Real command_time{};  ///< s until the next command
  Real push_time{};     ///< s until the next push
  Real settled_time{};  ///< s since the last push or new command
  std::array<Real, kMaxFeet> air_time{};      ///< s since the foot left the ground; 0 on it
  std::array<Real, kMaxFeet> contact_time{};  ///< s since it landed; 0 in the air
  std::array<Real, kMaxFeet> foot_contact{};  ///< at the last substep
  std::array<Real, 3 * kMaxFeet> foot_force{};  ///< N, world frame, at the last substep
  std::array<Real, kMaxFeet> swing_peak{};    ///< m
  Real self_collisions{};  ///< substeps of this control step
  Real hardship{1.0};      ///< 0 to 1: how far the training curriculum has come
  Real fallen{};           ///< within this control step; measured only if asked for

  void fields(auto&& visit) {
    visit("encoder_bias", encoder_bias);
    visit("action", action);
    visit("previous_action", previous_action);
    visit("command", command);
    visit("heading_target", heading_target);
    visit("is_heading", is_heading);
    visit("is_standing", is_standing);
    visit("command_time", command_time);
    visit("push_time", push_time);
    visit("settled_time", settled_time);
    visit("air_time", air_time);
    visit("contact_time", contact_time);
    visit("foot_contact", foot_contact);
    visit("foot_force", foot_force);
    visit("swing_peak", swing_peak);
    visit("self_collisions", self_collisions);
    visit("hardship", hardship);
    visit("fallen", fallen);
  }
};

}  // namespace fleet::tasks
