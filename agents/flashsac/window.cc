#include "agents/flashsac/window.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace fleet::agents::flashsac {

StepRecord::StepRecord(const TransitionShape& shape, int num_rows) {
  const auto size = [&](int dim) {
    return static_cast<std::size_t>(num_rows) * static_cast<std::size_t>(dim);
  };
  for (AlignedVector<float>* all : {&actor_observation, &next_actor_observation}) {
    all->resize(size(shape.actor_dim));
  }
  for (AlignedVector<float>* all : {&critic_observation, &next_critic_observation}) {
    all->resize(size(shape.critic_dim));
  }
  action.resize(size(shape.action_dim));
  reward.resize(size(1));
  terminated.resize(size(1));
  truncated.resize(size(1));
}

Window::Window(const Config& config, const TransitionShape& shape, int num_rows)
    : config_(config),
      shape_(shape),
      num_rows_(num_rows),
      steps_(static_cast<std::size_t>(config.n_step), StepRecord(shape, num_rows)) {}

StepRecord& Window::next() { return steps_[static_cast<std::size_t>(num_steps_ % config_.n_step)]; }

const StepRecord& Window::step(int index) const {
  return steps_[static_cast<std::size_t>((num_steps_ + index) % config_.n_step)];
}

int Window::finish_step(Replay& replay) {
  ++num_steps_;
  if (num_steps_ < config_.n_step) {
    return 0;
  }
  int num_bad = 0;
  for (int row = 0; row < num_rows_; ++row) {
    num_bad += append(row, replay) ? 0 : 1;
  }
  return num_bad;
}

bool Window::append(int row, Replay& replay) const {
  const auto at = static_cast<std::size_t>(row);
  double reward = 0.0;
  double weight = 1.0;
  int last = 0;
  for (;; ++last) {
    const StepRecord& s = step(last);
    reward += weight * double{s.reward[at]};
    weight *= config_.gamma;
    if (s.terminated[at] != 0 || s.truncated[at] != 0 || last + 1 == config_.n_step) {
      break;
    }
  }
  const StepRecord& begin = step(0);
  const StepRecord& end = step(last);
  struct Part {
    const AlignedVector<float>& from;
    int dim, to;
  };
  const std::initializer_list<Part> parts{
      {begin.critic_observation, shape_.critic_dim, shape_.observation},
      {end.next_critic_observation, shape_.critic_dim, shape_.next_observation},
      {begin.actor_observation, shape_.actor_dim, shape_.actor_observation},
      {end.next_actor_observation, shape_.actor_dim, shape_.next_actor_observation},
      {begin.action, shape_.action_dim, shape_.action}};
  bool is_sound = std::isfinite(reward);
  for (const Part& part : parts) {
    const float* const from = part.from.data() + row * part.dim;
    is_sound =
        is_sound && std::all_of(from, from + part.dim, [](float x) { return std::isfinite(x); });
  }
  if (!is_sound) {
    return false;
  }
  const std::span<float> transition = replay.push();
  for (const Part& part : parts) {
    std::copy_n(part.from.data() + row * part.dim, part.dim, transition.data() + part.to);
  }
  const double discount = config_.exact_discount ? weight : std::pow(config_.gamma, config_.n_step);
  transition[static_cast<std::size_t>(shape_.reward)] = static_cast<float>(reward);
  transition[static_cast<std::size_t>(shape_.discount)] =
      end.terminated[at] != 0 ? 0.0F : static_cast<float>(discount);
  return true;
}

Fields Window::fields(const std::string& prefix) {
  Fields fields{make_field(prefix + "num_steps", {}, &num_steps_)};
  for (std::size_t i = 0; i < steps_.size() && steps_.size() > 1; ++i) {
    StepRecord& s = steps_[i];
    const std::string name = prefix + std::to_string(i) + '/';
    const auto add = [&](const char* what, AlignedVector<float>& values, int dim) {
      fields.push_back(make_field(name + what, {num_rows_, dim}, values.data()));
    };
    add("actor_observation", s.actor_observation, shape_.actor_dim);
    add("critic_observation", s.critic_observation, shape_.critic_dim);
    add("next_actor_observation", s.next_actor_observation, shape_.actor_dim);
    add("next_critic_observation", s.next_critic_observation, shape_.critic_dim);
    add("action", s.action, shape_.action_dim);
    add("reward", s.reward, 1);
    fields.push_back(make_field(name + "terminated", {num_rows_}, s.terminated.data()));
    fields.push_back(make_field(name + "truncated", {num_rows_}, s.truncated.data()));
  }
  return fields;
}

}  // namespace fleet::agents::flashsac
