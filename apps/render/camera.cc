#include "apps/render/camera.h"

#include <algorithm>
#include <cmath>

namespace fleet::render {
namespace {

/// Radius (m) of a ball around a body's origin that holds everything hung on the body.
double reach_of(const mjModel& model, const mjData& data, int body) {
  double reach = 0.1;
  for (int geom = 0; geom < model.ngeom; ++geom) {
    const int root = model.body_rootid[model.geom_bodyid[geom]];
    if (root == model.body_rootid[body] && root != 0) {
      const double distance = mju_dist3(data.geom_xpos + 3 * geom, data.xpos + 3 * body);
      reach = std::max(reach, distance + model.geom_rbound[geom]);
    }
  }
  return reach;
}

}  // namespace

int followed_body(const mjModel& model) { return model.njnt > 0 ? model.jnt_bodyid[0] : 0; }

mjvCamera make_camera(const mjModel& model, const mjData& data, int body) {
  mjvCamera camera;
  mjv_defaultCamera(&camera);
  const int overview = mj_name2id(&model, mjOBJ_CAMERA, "overview");
  if (overview >= 0) {
    camera.type = mjCAMERA_FIXED;
    camera.fixedcamid = overview;
    return camera;
  }
  camera.type = mjCAMERA_TRACKING;
  camera.trackbodyid = body;
  camera.distance = 2.7 * reach_of(model, data, body);
  camera.azimuth = 125.0;
  camera.elevation = -18.0;
  mju_copy3(camera.lookat, data.xpos + 3 * body);
  return camera;
}

}  // namespace fleet::render
