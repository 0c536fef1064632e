#include "apps/view/panels/scoreboard.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "apps/view/draw/volley_marks.h"

namespace fleet::view {
namespace {

/// A metric's column, -1 where the task has none of the name.
int metric(const Simulation& simulation, const char* name) {
  const auto& metrics = simulation.spec().metrics;
  const auto found = std::ranges::find(metrics, name);
  return found == metrics.end() ? -1 : static_cast<int>(found - metrics.begin());
}

void draw_centred(const std::string& text, float middle, float top, float size, ImU32 colour) {
  ImDrawList& list = *ImGui::GetBackgroundDrawList();
  ImFont* const font = ImGui::GetFont();
  const float width = font->CalcTextSizeA(size, FLT_MAX, 0.0F, text.c_str()).x;
  const ImVec2 at(middle - 0.5F * width, top);
  list.AddText(font, size, {at.x + 1.0F, at.y + 1.0F}, IM_COL32(0, 0, 0, 220), text.c_str());
  list.AddText(font, size, at, colour, text.c_str());
}

}  // namespace

ImVec4 team_colour(int team) {
  const Colour& colour = kTeamColours[static_cast<std::size_t>(team)];
  return {colour[0], colour[1], colour[2], colour[3]};
}

void draw_scoreboard(const Context& context, const mjrRect& area) {
  const Simulation* const simulation = context.opened.simulation;
  if (simulation == nullptr || metric(*simulation, "won") < 0) {
    return;
  }
  const int row = context.choices.env * simulation->spec().num_players;  // a player of team 0
  const auto count = [&](const char* name) {
    return std::lround(simulation->outcome(row, metric(*simulation, name)));
  };
  const History& history = simulation->history();
  const auto remembered = [&](const char* name, int column) {
    return history.value(history.find(name), simulation->frame(), context.choices.env, column);
  };
  const Size pixels = context.window.pixels();
  const float scale =
      static_cast<float>(context.window.size().width) / static_cast<float>(pixels.width);
  const float middle = scale * static_cast<float>(area.left + area.width / 2);
  const float top = scale * static_cast<float>(pixels.height - area.bottom - area.height + 6);
  const float big = 2.2F * ImGui::GetFontSize();
  draw_centred(fmt::format("blue {} : {} red", count("won"), count("lost")), middle, top, big,
               IM_COL32(255, 255, 255, 255));
  const int side = remembered("env/memory/side", 0) > 0.5 ? 1 : 0;
  draw_centred(fmt::format("ball with {}, {:.0f} net crossings, hits {:.0f} and {:.0f}",
                           side == 0 ? "blue" : "red", remembered("env/memory/crossings", 0),
                           remembered("env/memory/hits", 0), remembered("env/memory/hits", 1)),
               middle, top + 1.1F * big, ImGui::GetFontSize(),
               ImGui::ColorConvertFloat4ToU32(team_colour(side)));
}

}  // namespace fleet::view
