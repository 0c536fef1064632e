#include "apps/view/input/mouse.h"

#include <GLFW/glfw3.h>
#include <imgui.h>

namespace fleet::view {
namespace {

constexpr double kDoubleClick = 0.3;  // s
constexpr double kZoomPerClick = 0.05;

/// The tile of the chosen env: the first.
constexpr int kChosenTile = 0;

}  // namespace

Mouse::Mouse() { mjv_defaultPerturb(&perturb_); }

void Mouse::handle(const Event& event, Context& context, const Tiles& tiles) {
  const Size size = context.window.size();
  const Size pixels = context.window.pixels();
  const double scale = static_cast<double>(pixels.width) / std::max(1, size.width);
  switch (event.kind) {
    case Event::Kind::kCursor: {
      const double x = event.x * scale;
      const double y = pixels.height - event.y * scale;
      drag(x - x_, y_ - y, context, tiles);
      x_ = x;
      y_ = y;
      break;
    }
    case Event::Kind::kButton:
      button_ = event.is_down ? event.code : -1;
      modifiers_ = event.modifiers;
      if (event.is_down) {
        press(event, context, tiles);
      } else {
        perturb_.active = 0;
      }
      break;
    case Event::Kind::kScroll:
      context.camera.move(mjMOUSE_ZOOM, 0.0, -kZoomPerClick * event.y);
      break;
    case Event::Kind::kKey:
      break;
  }
}

void Mouse::press(const Event& event, Context& context, const Tiles& tiles) {
  const double now = ImGui::GetTime();
  const bool is_double = event.code == last_button_ && now - last_press_ < kDoubleClick;
  last_press_ = is_double ? -1.0 : now;
  last_button_ = event.code;
  if (const auto tile = tiles.find(static_cast<int>(x_), static_cast<int>(y_));
      tile && *tile != kChosenTile) {
    context.choices.env += *tile;
    perturb_.select = 0;
    return;
  }
  const bool is_ctrl = (event.modifiers & GLFW_MOD_CONTROL) != 0;
  const bool is_left = event.code == GLFW_MOUSE_BUTTON_LEFT;
  if (!is_double && !is_ctrl) {
    return;
  }
  double point[3];
  const int body = select(context, tiles, point);
  mjData& data = *context.opened.data;
  if (is_double && !is_left && body >= 0) {
    is_ctrl&& body > 0 ? context.camera.follow(body) : context.camera.look_at(point);
    return;
  }
  if (body > 0 || is_double) {
    perturb_.select = body > 0 ? body : 0;
    mjtNum offset[3];
    mju_sub3(offset, point, data.xpos + 3 * perturb_.select);
    mju_mulMatTVec(perturb_.localpos, data.xmat + 9 * perturb_.select, offset, 3, 3);
  }
  if (is_ctrl && perturb_.select > 0 && context.opened.simulation != nullptr) {
    mjv_initPerturb(context.opened.model.get(), &data, &context.scene.scene(), &perturb_);
    perturb_.active = is_left ? mjPERT_ROTATE : mjPERT_TRANSLATE;
  }
}

int Mouse::select(Context& context, const Tiles& tiles, double point[3]) {
  const mjrRect area = tiles.tile(kChosenTile);
  int geom = -1;
  int flex = -1;
  int skin = -1;
  return mjv_select(context.opened.model.get(), context.opened.data.get(), &context.scene.option(),
                    static_cast<double>(area.width) / area.height, (x_ - area.left) / area.width,
                    (y_ - area.bottom) / area.height, &context.scene.scene(), point, &geom, &flex,
                    &skin);
}

void Mouse::drag(double dx, double dy, Context& context, const Tiles& tiles) {
  if (button_ < 0) {
    return;
  }
  const bool is_shift = (modifiers_ & GLFW_MOD_SHIFT) != 0;
  const mjtMouse action =
      button_ == GLFW_MOUSE_BUTTON_RIGHT  ? (is_shift ? mjMOUSE_MOVE_H : mjMOUSE_MOVE_V)
      : button_ == GLFW_MOUSE_BUTTON_LEFT ? (is_shift ? mjMOUSE_ROTATE_H : mjMOUSE_ROTATE_V)
                                          : mjMOUSE_ZOOM;
  const double height = tiles.tile(kChosenTile).height;
  if (is_pulling()) {
    mjv_movePerturb(context.opened.model.get(), context.opened.data.get(), action, dx / height,
                    dy / height, &context.scene.scene(), &perturb_);
  } else {
    context.camera.move(action, dx / height, dy / height);
  }
}

std::vector<double> Mouse::force(const mjModel& model, mjData& data) const {
  std::vector<double> joints(static_cast<std::size_t>(model.nv));
  if (is_pulling()) {
    mju_zero(data.xfrc_applied, static_cast<int>(6 * model.nbody));
    mjv_applyPerturbForce(&model, &data, &perturb_);
    const int body = perturb_.select;
    const mjtNum* const force = data.xfrc_applied + 6 * body;
    mj_applyFT(&model, &data, force, force + 3, data.xipos + 3 * body, body, joints.data());
    mju_zero(data.xfrc_applied, static_cast<int>(6 * model.nbody));
  }
  return joints;
}

}  // namespace fleet::view
