#include "apps/view/draw/camera.h"

#include <algorithm>
#include <cmath>

#include "apps/render/camera.h"

namespace fleet::view {
namespace {

std::string name_of(const mjModel& model, mjtObj type, int id) {
  const char* const name = mj_id2name(&model, type, id);
  return name != nullptr && name[0] != '\0' ? name : std::to_string(id);
}

}  // namespace

Camera::Camera(mjModel& model, const mjData& data)
    : model_(model),
      fovy_(model.cam_fovy, model.cam_fovy + model.ncam),
      camera_(render::make_camera(model, data, render::followed_body(model))),
      body_(render::followed_body(model)) {
  if (camera_.type == mjCAMERA_FIXED) {  // where the free camera begins
    mjvCamera free;
    mjv_defaultFreeCamera(&model, &free);
    free.type = camera_.type;
    free.fixedcamid = camera_.fixedcamid;
    camera_ = free;
  }
}

void Camera::set_free() {
  camera_.type = mjCAMERA_FREE;
  camera_.fixedcamid = camera_.trackbodyid = -1;
}

void Camera::follow(int body) {
  body_ = body;
  camera_.type = mjCAMERA_TRACKING;
  camera_.trackbodyid = body;
  camera_.fixedcamid = -1;
}

void Camera::toggle_following(const mjData& data) {
  if (is_following()) {
    set_free();
    return;
  }
  mju_copy3(camera_.lookat, data.xpos + 3 * body_);
  follow(body_);
}

void Camera::cycle(int step) {
  if (model_.ncam == 0) {
    return;
  }
  const int num_cameras = static_cast<int>(model_.ncam);
  const int now = camera_.type == mjCAMERA_FIXED ? camera_.fixedcamid : num_cameras;
  const int next = (now + step + num_cameras + 1) % (num_cameras + 1);
  set_free();
  if (next < num_cameras) {
    camera_.type = mjCAMERA_FIXED;
    camera_.fixedcamid = next;
  }
}

void Camera::look_at(const double point[3]) {
  set_free();
  mju_copy3(camera_.lookat, point);
}

void Camera::fit(double aspect) {
  constexpr double kMeant = 4.0 / 3.0;
  constexpr double kDegree = mjPI / 180.0;
  for (std::size_t i = 0; i < fovy_.size(); ++i) {
    const double wider = std::tan(0.5 * kDegree * fovy_[i]) * std::max(1.0, kMeant / aspect);
    model_.cam_fovy[i] = 2.0 * std::atan(wider) / kDegree;
  }
}

void Camera::move(mjtMouse action, double dx, double dy) {
  if (camera_.type == mjCAMERA_FIXED) {
    set_free();
  }
  if (is_following() && (action == mjMOUSE_MOVE_H || action == mjMOUSE_MOVE_V)) {
    set_free();  // what follows a body cannot be moved away from it
  }
  mjv_moveCamera(&model_, action, dx, dy, &camera_);
}

std::string Camera::name() const {
  switch (camera_.type) {
    case mjCAMERA_TRACKING:
      return "follows " + name_of(model_, mjOBJ_BODY, camera_.trackbodyid);
    case mjCAMERA_FIXED:
      return name_of(model_, mjOBJ_CAMERA, camera_.fixedcamid);
    default:
      return "free";
  }
}

}  // namespace fleet::view
