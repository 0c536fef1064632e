#include "apps/view/viewer.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <imgui.h>

#include "apps/interrupt.h"
#include "apps/render/png.h"
#include "apps/view/actions.h"
#include "apps/view/draw/velocity_marks.h"
#include "apps/view/draw/volley_marks.h"
#include "apps/view/input/keys.h"
#include "apps/view/input/widgets.h"
#include "apps/view/panels/layout.h"
#include "apps/view/panels/panels.h"
#include "apps/view/panels/scoreboard.h"

namespace fleet::view {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr double kFrame = 1.0 / 60.0;   // s: of a script; else the shortest
constexpr double kLongestFrame = 0.1;   // s: what took longer is not caught up with
constexpr double kMostStepping = 0.05;  // s of a frame
constexpr double kWatchPeriod = 0.5;    // s
constexpr Colour kBackground{0.08F, 0.08F, 0.09F, 1.0F};

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

/// A name that no file has.
std::string free_name() {
  for (int i = 1;; ++i) {
    std::string name = fmt::format("fleet-view-{}.png", i);
    std::error_code ignored;
    if (!std::filesystem::exists(name, ignored)) {
      return name;
    }
  }
}

}  // namespace

Viewer::Viewer(const Arguments& arguments, SteadyClock::time_point start)
    : arguments_(arguments),
      start_(start),
      hands_(arguments.script),
      opened_(open(arguments)),
      window_(opened_.title, {arguments.width, arguments.height}),
      scene_(std::make_unique<SceneView>(*opened_.model, window_.is_software(), window_.scale())),
      camera_(std::make_unique<Camera>(*opened_.model, *opened_.data)),
      tiles_({0, 0, 1, 1}, 1) {
  choices_.clock.is_paused = opened_.is_paused;
}

void Viewer::run() {
  catch_interrupts();
  auto last = SteadyClock::now();
  while (!is_over()) {
    const auto now = SteadyClock::now();
    const double passed = std::chrono::duration<double>(now - last).count();
    last = now;
    draw_frame(is_scripted() ? kFrame : std::min(passed, kLongestFrame));
    if (frame_ == 1) {
      figures_.start_up = seconds_since(start_);
    } else {
      figures_.frame_time.push_back(seconds_since(now));
    }
    if (!is_scripted()) {  // software OpenGL waits for no screen
      std::this_thread::sleep_until(now + std::chrono::duration<double>(kFrame));
    }
  }
  save_figures(arguments_.json, figures());
}

bool Viewer::is_over() const {
  return window_.is_closed() || is_interrupted() || (is_scripted() && frame_ >= arguments_.frames);
}

void Viewer::draw_frame(double dt) {
  hands_.play(frame_, window_, shots_);
  const std::vector<Event> events = window_.take_events();
  Context context = this->context();
  Widgets::forget();
  window_.begin_frame(is_scripted() ? std::optional(dt) : std::nullopt);
  const mjrRect area = lay_out(window_, choices_.has_panels);
  if (choices_.has_panels) {
    draw_panels(context);
  }
  if (choices_.has_help) {
    draw_help(context);
  }
  choices_.num_tiles = std::clamp(choices_.num_tiles, 1, opened_.worlds->num_envs() - choices_.env);
  handle_events(context, events);
  advance(context, dt);
  since_watch_ += dt;
  if (since_watch_ > kWatchPeriod) {
    since_watch_ = 0.0;
    watch_files();
  }
  tiles_ = Tiles(area, choices_.num_tiles);
  draw_worlds();
  draw_status(area);
  draw_scoreboard(context, area);
  window_.draw_gui();
  ++frame_;
  take_pictures();
  window_.show();
}

/// What the GUI takes for itself does nothing in the scene.
void Viewer::handle_events(Context& context, const std::vector<Event>& events) {
  const ImGuiIO& io = ImGui::GetIO();
  for (const Event& event : events) {
    if (event.kind == Event::Kind::kKey) {
      if (!io.WantTextInput || !event.is_down) {
        handle_key(event, context);
      }
    } else if (!io.WantCaptureMouse || (event.kind == Event::Kind::kButton && !event.is_down)) {
      mouse_.handle(event, context, tiles_);
    }
  }
}

/// Lets as much simulated time pass as is due, and as this machine has the speed for.
void Viewer::advance(Context& context, double dt) {
  const double period = opened_.worlds->control_period();
  give_command(context, dt);
  const int due = choices_.clock.steps_due(dt, period);
  const auto begin = SteadyClock::now();
  int steps = 0;
  for (; steps < due && (is_scripted() || seconds_since(begin) < kMostStepping); ++steps) {
    if (opened_.simulation != nullptr && mouse_.is_pulling()) {
      opened_.worlds->pose(choices_.env, *opened_.model, *opened_.data);
      opened_.simulation->set_force(choices_.env, mouse_.force(*opened_.model, *opened_.data));
    }
    if (!opened_.worlds->step()) {
      choices_.clock.is_paused = true;
      break;
    }
  }
  figures_.control_steps += steps;
  real_speed_ += dt > 0.0 ? 0.1 * (steps * period / dt - real_speed_) : 0.0;
}

void Viewer::watch_files() {
  if (opened_.curves) {
    opened_.curves->poll();
  }
  if (opened_.policy && opened_.policy->poll()) {
    choices_.message = "a newer policy acts, " + opened_.policy->origin();
  }
}

/// The chosen env last, so that the scene is that of the env that hands reach for.
void Viewer::draw_worlds() {
  camera_->fit(static_cast<double>(tiles_.tile(0).width) / tiles_.tile(0).height);
  scene_->fill({0, 0, window_.pixels().width, window_.pixels().height}, kBackground);
  for (int tile = tiles_.count() - 1; tile >= 0; --tile) {
    opened_.worlds->pose(choices_.env + tile, *opened_.model, *opened_.data);
    mjvCamera camera = camera_->get();
    Marks marks;
    add_velocity_marks(opened_, choices_.env + tile, *opened_.data, marks);
    add_volley_marks(opened_, choices_.env + tile, *opened_.data, marks);
    scene_->draw(tiles_.tile(tile), *opened_.data, tile == 0 ? camera_->get() : camera,
                 tile == 0 ? &mouse_.perturb() : nullptr, marks);
  }
}

void Viewer::draw_status(const mjrRect& area) const {
  const Size pixels = window_.pixels();
  const float scale = static_cast<float>(window_.size().width) / static_cast<float>(pixels.width);
  ImDrawList& list = *ImGui::GetBackgroundDrawList();
  const auto text = [&](int left, int top, const std::string& line) {
    const ImVec2 at(static_cast<float>(left + 8) * scale, static_cast<float>(top + 6) * scale);
    list.AddText({at.x + 1.0F, at.y + 1.0F}, IM_COL32(0, 0, 0, 220), line.c_str());
    list.AddText(at, IM_COL32(255, 255, 255, 255), line.c_str());
  };
  for (int tile = 0; tile < tiles_.count(); ++tile) {
    const mjrRect place = tiles_.tile(tile);
    text(place.left, pixels.height - place.bottom - place.height,
         fmt::format("env {}", choices_.env + tile));
  }
  const double time =
      static_cast<double>(opened_.worlds->frame()) * opened_.worlds->control_period();
  text(area.left, pixels.height - area.bottom - 30,
       fmt::format(
           "{}   {:.2f} s   {}   f1: keys", arguments_.subject, time,
           choices_.clock.is_paused ? "paused" : fmt::format("{:.2f} times real", real_speed_)));
}

void Viewer::take_pictures() {
  if (choices_.wants_screenshot) {
    choices_.wants_screenshot = false;
    shots_.push_back(free_name());
    choices_.message = "saved " + shots_.back();
  }
  if (!arguments_.screenshot.empty() && is_scripted() && frame_ == arguments_.frames) {
    shots_.push_back(arguments_.screenshot);
  }
  for (const std::string& file : shots_) {
    render::save_png(file, window_.read());
  }
  shots_.clear();
}

Figures Viewer::figures() const {
  const Worlds& worlds = *opened_.worlds;
  const std::span<const double> qpos = worlds.qpos(choices_.env, worlds.frame());
  Figures figures = figures_;
  figures.gl = window_.gl_name();
  figures.simulated = static_cast<double>(worlds.frame()) * worlds.control_period();
  figures.is_paused = choices_.clock.is_paused;
  figures.speed = choices_.clock.speed();
  figures.env = choices_.env;
  figures.num_tiles = choices_.num_tiles;
  figures.camera = camera_->name();
  figures.divergences = opened_.simulation != nullptr ? opened_.simulation->ends().back() : 0.0;
  figures.qpos.assign(qpos.begin(), qpos.end());
  figures.orders = skill_orders(opened_, choices_.env);
  if (opened_.policy) {
    figures.policy = opened_.policy->origin();
  }
  if (opened_.policy && opened_.policy->has_value()) {
    const History& history = opened_.simulation->history();
    const int row = choices_.env * opened_.simulation->spec().num_players + choices_.player;
    figures.value = history.value(history.find("value"), worlds.frame(), row, 0);
  }
  figures.message = choices_.message;
  return figures;
}

}  // namespace fleet::view
