#pragma once

#include <string>

#include <mujoco/mujoco.h>

namespace fleet::view {

/// From where the worlds are seen: free, following a body, or one of the model's own cameras.
class Camera {
 public:
  /// @param data at a typical state, positions up to date
  Camera(const mjModel& model, const mjData& data);

  /// The camera for one world. MuJoCo moves what follows a body when it draws.
  mjvCamera& get() { return camera_; }

  void set_free();
  /// Follows a body from where the camera is. @param body of the model
  void follow(int body);
  void toggle_following(const mjData& data);
  /// The next of the model's own cameras, after the last the free one. @param step 1 or -1
  void cycle(int step);
  void look_at(const double point[3]);

  /// Lets a hand move it. @param dx, dy parts of the height of the picture
  void move(mjtMouse action, double dx, double dy);

  bool is_following() const { return camera_.type == mjCAMERA_TRACKING; }
  std::string name() const;  ///< "free", "follows trunk", "overview"

 private:
  const mjModel& model_;
  mjvCamera camera_;
  int body_;  // that is followed when the user asks for it
};

}  // namespace fleet::view
