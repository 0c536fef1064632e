#pragma once

#include <string>
#include <vector>

#include <mujoco/mujoco.h>

namespace fleet::view {

/// From where the worlds are seen: free, following a body, or one of the model's own cameras.
class Camera {
 public:
  /// @param model its cameras are fitted to the picture  @param data at a typical state, positions
  /// up to date
  Camera(mjModel& model, const mjData& data);

  /// The camera for one world. MuJoCo moves what follows a body when it draws.
  mjvCamera& get() { return camera_; }

  void set_free();
  /// Follows a body from where the camera is. @param body of the model
  void follow(int body);
  void toggle_following(const mjData& data);
  /// The next of the model's own cameras, after the last the free one. @param step 1 or -1
  void cycle(int step);
  void look_at(const double point[3]);

  /// Lets a fixed camera see in a narrow picture what it sees in one of 4 : 3.
  /// @param aspect width by height of the picture
  void fit(double aspect);

  /// Lets a hand move it. @param dx, dy parts of the height of the picture
  void move(mjtMouse action, double dx, double dy);

  bool is_following() const { return camera_.type == mjCAMERA_TRACKING; }
  std::string name() const;  ///< "free", "follows trunk", "overview"

 private:
  mjModel& model_;
  std::vector<double> fovy_;  // (ncam) degrees, as the model has them
  mjvCamera camera_;
  int body_;  // that is followed when the user asks for it
};

}  // namespace fleet::view
