#pragma once

#include <cstdint>
#include <span>

#include <mujoco/mujoco.h>

namespace fleet::view {

/// Worlds of one model that are shown frame by frame: simulated, or replayed from a file.
///
/// A frame is what the worlds were after a control step; frame 0 is the start.
class Worlds {
 public:
  Worlds() = default;
  virtual ~Worlds() = default;
  Worlds(const Worlds&) = delete;
  Worlds& operator=(const Worlds&) = delete;

  virtual int num_envs() const = 0;
  virtual double control_period() const = 0;  ///< s between frames

  /// The frames that can be shown: first_frame() to last_frame(); and the one on show.
  virtual std::int64_t first_frame() const = 0;
  virtual std::int64_t last_frame() const = 0;
  virtual std::int64_t frame() const = 0;

  /// Shows another frame. @param frame is brought into the range that there is
  virtual void seek(std::int64_t frame) = 0;

  /// Goes on by one frame from the one on show. @returns false at the end of a recording
  virtual bool step() = 0;

  /// Brings a world into the state of the frame on show, everything derived up to date.
  /// @param model takes the world's own constants (friction, centre of mass)
  virtual void pose(int env, mjModel& model, mjData& data) const = 0;

  /// (nq) positions of an env in a frame that there is.
  virtual std::span<const double> qpos(int env, std::int64_t frame) const = 0;
};

}  // namespace fleet::view
