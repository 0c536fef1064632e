#pragma once

#include <array>

namespace fleet::tasks {

/// What one env of a joystick task remembers between control steps. Flags are 0 or 1.
///
/// Playground observes before it updates what it remembers, so a policy sees some quantities as
/// they were when the step began: they stand here twice, the seen one as `seen_...`.
template <class Real, int kJoints, int kFeet>
struct JoystickMemory {
  std::array<Real, kJoints> action{};  ///< of the last step
  std::array<Real, kJoints> seen_action{};
  std::array<Real, 3> command{};  ///< vx, vy (m/s), wz (rad/s): what the next step is paid for
  std::array<Real, 3> seen_command{};
  std::array<Real, kFeet> contact{};  ///< on the floor, at the last substep
  std::array<Real, kFeet> seen_contact{};
  std::array<Real, kFeet> air_time{};       ///< s since the foot left the floor; 0 on it
  std::array<Real, kFeet> seen_air_time{};  ///< a landing foot's still counts
  std::array<Real, kFeet> swing_peak{};     ///< m, highest since the foot left the floor
  Real command_steps{};                     ///< control steps until the next command
  Real settled_time{};                      ///< s since the last command or push
  Real hardship{};                          ///< 0 to 1: how far the training curriculum has come

  void fields(auto&& visit) {
    visit("action", action);
    visit("seen_action", seen_action);
    visit("command", command);
    visit("seen_command", seen_command);
    visit("contact", contact);
    visit("seen_contact", seen_contact);
    visit("air_time", air_time);
    visit("seen_air_time", seen_air_time);
    visit("swing_peak", swing_peak);
    visit("command_steps", command_steps);
    visit("settled_time", settled_time);
    visit("hardship", hardship);
  }
};

}  // namespace fleet::tasks
