// What the user does to the worlds of a Simulation; see simulation.h.

#include <algorithm>

#include "apps/view/world/find_field.h"
#include "apps/view/world/simulation.h"
#include "cuda/require.h"

namespace fleet::view {
namespace {

/// Sets every row of a field of doubles that an env remembers.
void fill_rows(const Fields& fields, std::string_view name, std::span<const double> values) {
  const Field* const field = find_field(fields, name);
  require(field != nullptr && field->row_size() == static_cast<std::int64_t>(values.size()),
          "a memory of the velocity task is not as the viewer knows it");
  for (std::int64_t row = 0; row < field->num_rows(); ++row) {
    std::ranges::copy(values, reinterpret_cast<double*>(field->row(row)));
  }
}

}  // namespace

/// Only the velocity task has commands; these are what it remembers of one.
void Simulation::write_command() {
  if (!command_) {
    return;
  }
  constexpr double kFarOff = 1e6;  // s
  const std::array<double, 1> no{0.0};
  const std::array<double, 1> later{kFarOff};
  const Fields state = env_->state();
  fill_rows(state, "env/memory/command", *command_);
  fill_rows(state, "env/memory/is_heading", no);
  fill_rows(state, "env/memory/is_standing", no);
  fill_rows(state, "env/memory/command_time", later);
}

void Simulation::set_command(const std::optional<std::array<double, 3>>& command) {
  const bool ends = command_ && !command;
  command_ = command;
  if (ends) {  // the task draws a new one in the next step
    fill_rows(env_->state(), "env/memory/command_time", std::array<double, 1>{0.0});
  }
}

void Simulation::push(int env, int joint, const std::array<double, 3>& velocity) {
  require(model_.jnt_type[joint] == mjJNT_FREE, "what is pushed must move freely");
  mjtNum* const qvel = physics_row(env) + 1 + model_.nq + model_.jnt_dofadr[joint];
  mju_addTo3(qvel, velocity.data());
}

void Simulation::set_force(int env, std::span<const double> force) {
  constexpr int kBefore = mjSTATE_INTEGRATION & (mjSTATE_QFRC_APPLIED - 1);
  mjtNum* const applied = physics_row(env) + mj_stateSize(&model_, kBefore);
  std::fill_n(applied, model_.nv, 0.0);
  std::ranges::copy(force, applied);
}

const Field* Simulation::friction_field() const {
  return find_field(models_, "model/geom_friction");
}

void Simulation::write_friction() {
  const Field* const field = friction_field();
  if (!friction_ || field == nullptr) {
    return;
  }
  for (std::int64_t env = 0; env < field->num_rows(); ++env) {
    auto* const values = reinterpret_cast<mjtNum*>(field->row(env));
    for (std::int64_t i = 0; i < field->row_size(); i += 3) {  // sliding, spinning, rolling
      values[i] = *friction_;
    }
  }
  env_->restore_models();
}

void Simulation::set_friction(std::optional<double> friction) {
  friction_ = friction;
  if (friction) {
    write_friction();
  } else {
    drawn_.put_back(models_);
    env_->restore_models();
  }
}

}  // namespace fleet::view
