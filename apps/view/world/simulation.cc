#include "apps/view/world/simulation.h"

#include <algorithm>
#include <stdexcept>

#include "apps/random_actions.h"
#include "apps/session.h"
#include "apps/view/world/find_field.h"
#include "cuda/require.h"

namespace fleet::view {
namespace {

constexpr std::size_t kHistoryBytes = 256UL << 20U;
constexpr std::int64_t kHistoryFrames = 3000;  // a minute of a robot's task

/// The model's own memory of a field that differs from world to world.
mjtNum* memory_of(mjModel& model, const std::string& name) {
  require(name == "model/geom_friction" || name == "model/body_ipos",
          "a model's field that the viewer does not know differs from world to world");
  return name == "model/geom_friction" ? model.geom_friction : model.body_ipos;
}

}  // namespace

Simulation::Simulation(const RunConfig& config, const mjModel& model, std::uint64_t seed)
    : model_(model),
      seed_(seed),
      env_(build_env(config.env)),
      buffers_(env_->spec()),
      reward_terms_(static_cast<std::size_t>(spec().num_rows()) * spec().reward_terms.size()),
      ends_(spec().termination_terms.size() + 2),
      outcomes_(buffers_.metrics.size()),
      value_(static_cast<std::size_t>(spec().num_rows())) {
  envs::UnroundedBuffers unrounded;
  unrounded.reward_terms = {reward_terms_.data(), spec().num_rows(),
                            static_cast<int>(spec().reward_terms.size())};
  env_->record(unrounded);
  reset();
}

void Simulation::reset() {
  drawn_.put_back(
      models_);  // a task draws some numbers of a field, and leaves the others as they are
  env_->reset(seed_, buffers_.views);
  if (load_) {
    load_(*env_);
  }
  const Fields state = env_->state();
  const Field* const physics = find_field(state, "env/physics");
  require(physics != nullptr && physics->row_size() == mj_stateSize(&model_, mjSTATE_INTEGRATION),
          "the viewer needs the mujoco backend");
  physics_ = reinterpret_cast<mjtNum*>(physics->data);
  physics_size_ = physics->row_size();
  models_ = env_->models();
  drawn_.take(models_);
  write_friction();
  std::ranges::fill(reward_terms_, 0.0);
  std::ranges::fill(ends_, 0.0);
  std::ranges::fill(outcomes_, 0.0);
  env_->take_statistics();
  frame_ = 0;
  history_ = std::make_unique<History>(fields(), kHistoryBytes, kHistoryFrames);
  history_->push(fields());
}

Fields Simulation::fields() {
  Fields fields = env_->state();
  const envs::EnvSpec& spec = env_->spec();
  const std::int64_t rows = spec.num_rows();
  for (std::size_t group = 0; group < spec.observations.size(); ++group) {
    const BatchView<float> view = buffers_.views.observation[group];
    fields.push_back(make_field("observation/" + spec.observations[group].name,
                                {rows, view.num_columns()}, view.data()));
  }
  const auto add = [&](const char* name, std::int64_t num_rows, auto& values) {
    const auto size = static_cast<std::int64_t>(values.size());
    fields.push_back(make_field(name, {num_rows, size / num_rows}, values.data()));
  };
  add("action", rows, buffers_.action);
  add("reward", rows, buffers_.reward);
  add("reward_terms", rows, reward_terms_);
  add("metrics", rows, buffers_.metrics);
  add("terminated", rows, buffers_.terminated);
  add("truncated", spec.num_envs, buffers_.truncated);
  add("ends", 1, ends_);
  add("outcomes", rows, outcomes_);
  add("value", rows, value_);
  return fields;
}

void Simulation::seek(std::int64_t frame) {
  frame_ = std::clamp(frame, first_frame(), last_frame());
  history_->restore(frame_, fields());
  env_->restore();
  write_friction();
}

void Simulation::begin_from(std::function<void(envs::BatchEnv&)> load, std::vector<float> action) {
  load_ = std::move(load);
  first_action_ = std::move(action);
  reset();
}

void Simulation::act() {
  if (frame_ == 0 && !first_action_.empty()) {
    std::ranges::copy(first_action_, buffers_.action.begin());
    return;
  }
  switch (actor_) {
    case Actor::kPolicy:
      policy_->act(buffers_.views.observation[0], buffers_.action_view());
      break;
    case Actor::kZero:
      std::ranges::fill(buffers_.action, 0.0F);
      break;
    case Actor::kRandom:
      draw_actions(seed_, static_cast<int>(frame_), buffers_.action_view());
      break;
  }
}

bool Simulation::step() {
  history_->forget_after(frame_);
  if (frame_ == 0 && policy_ != nullptr &&
      policy_->has_value()) {  // the first frame was kept before there was a critic
    evaluate();
    history_->forget_after(-1);
    history_->push(fields());
  }
  write_command();
  act();
  env_->step(buffers_.action_view(), buffers_.views);
  count_ends();
  evaluate();
  for (int env = 0; env < num_envs(); ++env) {
    set_force(env, {});
  }
  ++frame_;
  history_->push(fields());
  return true;
}

void Simulation::count_ends() {
  const envs::Statistics statistics = env_->take_statistics();
  for (std::size_t i = 0; i < statistics.termination_counts.size(); ++i) {
    ends_[i] += statistics.termination_counts[i];
  }
  ends_[ends_.size() - 2] += static_cast<double>(statistics.truncations);
  ends_.back() += static_cast<double>(statistics.divergences);
  const BatchView<float> metrics = buffers_.views.metrics;
  for (int row = 0; row < spec().num_rows(); ++row) {
    const auto env = static_cast<std::size_t>(row / spec().num_players);
    const bool has_ended =
        buffers_.terminated[static_cast<std::size_t>(row)] != 0 || buffers_.truncated[env] != 0;
    for (int k = 0; has_ended && k < metrics.num_columns(); ++k) {
      outcomes_[static_cast<std::size_t>(row * metrics.num_columns() + k)] += metrics(row, k);
    }
  }
}

void Simulation::evaluate() {
  if (policy_ != nullptr && policy_->has_value()) {
    policy_->value(buffers_.views.observation, value_);
  }
}

void Simulation::pose(int env, mjModel& model, mjData& data) const {
  for (const Field& field : models_) {
    std::copy_n(reinterpret_cast<const mjtNum*>(field.row(env)), field.row_size(),
                memory_of(model, field.name));
  }
  mj_setState(&model, &data, physics_row(env), mjSTATE_INTEGRATION);
  mj_forward(&model, &data);
}

std::span<const double> Simulation::qpos(int env, std::int64_t frame) const {
  const int field = history_->find("env/physics");
  const std::byte* const row = history_->row(field, frame, env);
  return {reinterpret_cast<const double*>(row) + 1,
          static_cast<std::size_t>(model_.nq)};  // after the time
}

void Simulation::set_policy(const Policy* policy) {
  policy_ = policy;
  set_actor(Actor::kPolicy);
}

void Simulation::set_actor(Actor actor) {
  require(actor != Actor::kPolicy || policy_ != nullptr, "there is no policy to act");
  actor_ = actor;
}

std::vector<double> Simulation::ends() const {
  std::vector<double> counts(ends_.size());
  const int field = history_->find("ends");
  for (std::size_t i = 0; i < counts.size(); ++i) {
    counts[i] = history_->value(field, frame_, 0, static_cast<std::int64_t>(i));
  }
  return counts;
}

double Simulation::outcome(int row, int metric) const {
  return history_->value(history_->find("outcomes"), frame_, row, metric);
}

}  // namespace fleet::view
