#include "apps/view/input/keys.h"

#include <array>

#include <GLFW/glfw3.h>

#include "apps/view/actions.h"

namespace fleet::view {
namespace {

constexpr std::array kHelp{
    KeyHelp{"space", "run, pause"},
    KeyHelp{"right, left", "one control step on, one back (pauses)"},
    KeyHelp{"- =", "slower, faster: 1/32 to 8 times"},
    KeyHelp{"backspace", "begin anew"},
    KeyHelp{"page up, down", "env before, after; a click on a tile chooses it"},
    KeyHelp{"enter", "drive: w s forward, back; a d to the sides; q e turn"},
    KeyHelp{"f8", "push the robot"},
    KeyHelp{"drag", "left: orbit, right: move, wheel: zoom; with shift along the ground"},
    KeyHelp{"double click", "select a body; right: look there; ctrl right: follow it"},
    KeyHelp{"ctrl drag", "pull a body: right force, left torque"},
    KeyHelp{"escape, [ ]", "free camera; the model's own cameras"},
    KeyHelp{"f2", "follow the robot, or not"},
    KeyHelp{"f6, f7", "frames, labels"},
    KeyHelp{"0 to 5", "geom groups"},
    KeyHelp{"tab, f1", "panels, this help"},
    KeyHelp{"ctrl p, ctrl q", "screenshot, end"},
};

/// What the six keys of the keyboard joystick lean: component and sign.
struct Lean {
  int key;
  std::size_t component;
  double sign;
};
constexpr std::array kLeans{Lean{GLFW_KEY_W, 0, 1.0}, Lean{GLFW_KEY_S, 0, -1.0},
                            Lean{GLFW_KEY_A, 1, 1.0}, Lean{GLFW_KEY_D, 1, -1.0},
                            Lean{GLFW_KEY_Q, 2, 1.0}, Lean{GLFW_KEY_E, 2, -1.0}};

bool handle_lean(const Event& event, Choices& choices) {
  for (const Lean& lean : kLeans) {
    if (choices.is_driving && event.code == lean.key && event.modifiers == 0) {
      choices.lean[lean.component] = event.is_down ? lean.sign : 0.0;
      return true;
    }
  }
  return false;
}

/// Letters that switch what is drawn are in MuJoCo's own tables.
bool handle_flag(int key, SceneView& scene) {
  const auto is = [&](const char* shortcut) { return shortcut[0] == key && shortcut[1] == '\0'; };
  for (int i = 0; i < mjNVISFLAG; ++i) {
    if (is(mjVISSTRING[i][2])) {
      scene.option().flags[i] ^= 1;
      return true;
    }
  }
  for (int i = 0; i < mjNRNDFLAG; ++i) {
    if (is(mjRNDSTRING[i][2])) {
      scene.render_flags()[static_cast<std::size_t>(i)] ^= 1;
      return true;
    }
  }
  return false;
}

void handle_camera_key(int key, Context& context) {
  mjvOption& option = context.scene.option();
  switch (key) {
    case GLFW_KEY_ESCAPE:
      context.camera.set_free();
      break;
    case GLFW_KEY_LEFT_BRACKET:
      context.camera.cycle(-1);
      break;
    case GLFW_KEY_RIGHT_BRACKET:
      context.camera.cycle(1);
      break;
    case GLFW_KEY_F2:
      context.camera.toggle_following(*context.opened.data);
      break;
    case GLFW_KEY_F6:
      option.frame = (option.frame + 1) % mjNFRAME;
      break;
    case GLFW_KEY_F7:
      option.label = (option.label + 1) % mjNLABEL;
      break;
    default:
      if (key >= '0' && key < '0' + mjNGROUP) {
        option.geomgroup[key - '0'] ^= 1;
      } else {
        handle_flag(key, context.scene);
      }
  }
}

void handle_ctrl(int key, Context& context) {
  if (key == GLFW_KEY_P) {
    context.choices.wants_screenshot = true;
  } else if (key == GLFW_KEY_Q) {
    context.window.close();
  }
}

}  // namespace

std::span<const KeyHelp> key_help() { return kHelp; }

void handle_key(const Event& event, Context& context) {
  Choices& choices = context.choices;
  Worlds& worlds = *context.opened.worlds;
  if (handle_lean(event, choices) || !event.is_down) {
    return;
  }
  if ((event.modifiers & GLFW_MOD_CONTROL) != 0) {
    handle_ctrl(event.code, context);
    return;
  }
  switch (event.code) {
    case GLFW_KEY_SPACE:
      toggle_pause(context);
      break;
    case GLFW_KEY_RIGHT:
      step_once(context);
      break;
    case GLFW_KEY_LEFT:
      choices.clock.is_paused = true;
      worlds.seek(worlds.frame() - 1);
      break;
    case GLFW_KEY_MINUS:
    case GLFW_KEY_EQUAL:
      choices.clock.set_exponent(choices.clock.exponent() +
                                 (event.code == GLFW_KEY_EQUAL ? 1 : -1));
      break;
    case GLFW_KEY_BACKSPACE:
      reset(context);
      break;
    case GLFW_KEY_PAGE_UP:
    case GLFW_KEY_PAGE_DOWN:
      choose_env(context, choices.env + (event.code == GLFW_KEY_PAGE_DOWN ? 1 : -1));
      break;
    case GLFW_KEY_ENTER:
      choices.is_driving = !choices.is_driving;
      choices.lean = {};
      break;
    case GLFW_KEY_TAB:
      choices.has_panels = !choices.has_panels;
      break;
    case GLFW_KEY_F8:
      push(context);
      break;
    case GLFW_KEY_F1:
      choices.has_help = !choices.has_help;
      break;
    default:
      handle_camera_key(event.code, context);
  }
}

}  // namespace fleet::view
