#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include <fmt/format.h>
#include <imgui.h>
#include <implot.h>

#include "apps/view/panels/panels.h"
#include "apps/view/panels/series.h"

namespace fleet::view {
namespace {

struct Contact {
  int index = 0;
  std::array<mjtNum, 6> force{};  // N along the normal and two tangents; N m

  mjtNum tangential() const { return std::hypot(force[1], force[2]); }
};

/// The strongest first.
std::vector<Contact> contacts_of(const mjModel& model, const mjData& data) {
  std::vector<Contact> contacts(static_cast<std::size_t>(data.ncon));
  for (int i = 0; i < data.ncon; ++i) {
    Contact& contact = contacts[static_cast<std::size_t>(i)];
    contact.index = i;
    mj_contactForce(&model, &data, i, contact.force.data());
  }
  std::ranges::sort(contacts, std::ranges::greater{}, [](const Contact& c) { return c.force[0]; });
  return contacts;
}

std::string geom_name(const mjModel& model, int geom) {
  const char* const name = geom >= 0 ? mj_id2name(&model, mjOBJ_GEOM, geom) : nullptr;
  if (name != nullptr && name[0] != '\0') {
    return name;
  }
  const char* const body =
      geom >= 0 ? mj_id2name(&model, mjOBJ_BODY, model.geom_bodyid[geom]) : nullptr;
  return fmt::format("{}#{}", body != nullptr ? body : "geom", geom);
}

void draw_table(const mjModel& model, const mjData& data) {
  constexpr ImGuiTableFlags kFlags = ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchProp;
  if (!ImGui::BeginTable("contacts", 4, kFlags)) {
    return;
  }
  for (const char* const name : {"between", "and", "normal (N)", "tangential (N)"}) {
    ImGui::TableSetupColumn(name);
  }
  ImGui::TableHeadersRow();
  for (const Contact& contact : contacts_of(model, data)) {
    const mjContact& pair = data.contact[contact.index];
    ImGui::TableNextColumn();
    ImGui::TextUnformatted(geom_name(model, pair.geom[0]).c_str());
    ImGui::TableNextColumn();
    ImGui::TextUnformatted(geom_name(model, pair.geom[1]).c_str());
    ImGui::TableNextColumn();
    ImGui::Text("%.1f", contact.force[0]);
    ImGui::TableNextColumn();
    ImGui::Text("%.1f", contact.tangential());
  }
  ImGui::EndTable();
}

/// The velocity task remembers each foot's force on the ground.
void draw_feet(const Context& context) {
  const Simulation& simulation = *context.opened.simulation;
  const int field = simulation.history().find("env/memory/foot_force");
  const auto& feet = context.opened.config.env.velocity.robot.feet;
  if (field < 0 || !begin_time_plot("feet on the ground", "N upwards", simulation,
                                    ImGui::GetFontSize() * 9.0F)) {
    return;
  }
  for (std::size_t foot = 0; foot < feet.size(); ++foot) {
    plot(feet[foot].name, {.simulation = &simulation,
                           .field = field,
                           .row = context.choices.env,
                           .column = static_cast<std::int64_t>(3 * foot + 2),
                           .scale = -1.0});
  }
  ImPlot::EndPlot();
}

}  // namespace

void draw_contact_panel(Context& context) {
  if (ImGui::Begin("Contacts")) {
    bool has_arrows = context.scene.option().flags[mjVIS_CONTACTFORCE] != 0;
    if (ImGui::Checkbox("arrows in the scene", &has_arrows)) {
      context.scene.option().flags[mjVIS_CONTACTFORCE] = has_arrows ? 1 : 0;
    }
    if (context.opened.simulation != nullptr) {
      draw_feet(context);
    }
    draw_table(*context.opened.model, *context.opened.data);
  }
  ImGui::End();
}

}  // namespace fleet::view
