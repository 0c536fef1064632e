#include "apps/view/draw/scene_view.h"

namespace fleet::view {
namespace {

constexpr int kMaxGeoms = 10000;
constexpr int kShadowsOnCpu = 1024;  // pixels, where the user wants them; a GPU has the model's own

}  // namespace

SceneView::SceneView(mjModel& model, bool is_software, double font_scale) : model_(model) {
  if (is_software) {
    model.vis.quality.shadowsize = kShadowsOnCpu;
  }
  model.vis.quality.offsamples = 0;  // everything is drawn into the window
  mjv_defaultOption(&option_);
  mjv_defaultScene(&scene_);
  mjr_defaultContext(&context_);
  mjv_makeScene(&model_, &scene_, kMaxGeoms);
  mjr_makeContext(&model_, &context_, font_scale < 1.5 ? mjFONTSCALE_100 : mjFONTSCALE_200);
  mjr_setBuffer(mjFB_WINDOW, &context_);
  if (is_software) {
    // Each draws everything once more: shadows alone take two thirds of a frame.
    scene_.flags[mjRND_SHADOW] = scene_.flags[mjRND_REFLECTION] = 0;
  }
}

SceneView::~SceneView() {
  mjr_freeContext(&context_);
  mjv_freeScene(&scene_);
}

void SceneView::draw(mjrRect area, mjData& data, mjvCamera& camera, const mjvPerturb* perturb,
                     const Marks& marks) {
  mjv_updateScene(&model_, &data, &option_, perturb, &camera, mjCAT_ALL, &scene_);
  marks.add_to(scene_);
  mjr_render(area, &scene_, &context_);
}

void SceneView::fill(mjrRect area, const Colour& colour) {
  mjr_rectangle(area, colour[0], colour[1], colour[2], colour[3]);
}

}  // namespace fleet::view
