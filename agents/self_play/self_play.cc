#include "agents/self_play/self_play.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

namespace fleet::agents {
namespace {

/// Of two agents of one kind and size.
void copy_policy(Agent& from, Agent& to) {
  const Fields source = from.policy();
  const Fields target = to.policy();
  for (std::size_t i = 0; i < source.size(); ++i) {
    for (std::int64_t row = 0; row < source[i].num_rows(); ++row) {
      std::memcpy(target[i].row(row), source[i].row(row), source[i].row_bytes());
    }
  }
  to.restore();
}

/// What only acts needs no memory for a batch.
envs::EnvSpec spec_of_one(envs::EnvSpec spec) {
  spec.num_envs = 1;
  return spec;
}

void append(Fields& fields, Fields more, const std::string& prefix) {
  for (Field& field : more) {
    field.name = prefix + field.name;
    fields.push_back(std::move(field));
  }
}

}  // namespace

SelfPlay::SelfPlay(const SelfPlayConfig& config, const envs::EnvSpec& match, Makers makers)
    : config_(config), one_match_(spec_of_one(match)), makers_(std::move(makers)) {
  if (match.num_teams != 2) {
    throw std::runtime_error(
        "self_play.opponents: expected none, because the task has no second team");
  }
  if (config.opponents == Opponents::kPopulation) {
    opponents_.emplace(match, config.present);
    present_ = makers_.generation(one_match_);
  }
  learner_ = makers_.learner(opponents_ ? opponents_->spec() : match);
  show_opponents();
}

envs::BatchEnv& SelfPlay::arena(envs::BatchEnv& match) {
  if (!opponents_) {
    return match;
  }
  opponents_->attach(match);
  return *opponents_;
}

void SelfPlay::show_opponents() {
  if (!opponents_) {
    return;
  }
  std::vector<const Agent*> opponents{present_.get()};
  for (const std::unique_ptr<Agent>& generation : generations_) {
    opponents.push_back(generation.get());
  }
  opponents_->set_opponents(std::move(opponents));
}

void SelfPlay::start(envs::BatchEnv& match) { learner_->start(arena(match)); }

IterationReport SelfPlay::iterate(envs::BatchEnv& match) {
  learner_->stop_when(stop());
  if (opponents_) {
    copy_policy(*learner_, *present_);
  }
  IterationReport report = learner_->iterate(arena(match));
  if (report.is_complete) {
    ++num_iterations_;
    if (num_iterations_ % config_.generation == 0) {
      add_generation();
    }
    describe(report);
  }
  return report;
}

void SelfPlay::add_generation() {
  copy_policy(*learner_, *generations_.emplace_back(makers_.generation(one_match_)));
  num_generations_ = num_generations();
  show_opponents();
}

void SelfPlay::describe(IterationReport& report) {
  report.scalars.emplace_back("SelfPlay/generations", num_generations());
  if (!opponents_) {
    return;
  }
  const std::array<GameCounts, 2> counts = opponents_->take_counts();
  const auto add = [&](const std::string& tag, double count, double games) {
    if (games > 0.0) {
      report.scalars.emplace_back("SelfPlay/" + tag, count / games);
    }
  };
  add("win_rate", counts[1].won, counts[1].games);  // against earlier generations
  add("loss_rate", counts[1].lost, counts[1].games);
  add("decided_against_itself", counts[0].won + counts[0].lost, counts[0].games);
}

Fields SelfPlay::sizes() {
  Fields fields = learner_->sizes();
  append(fields, {make_field("num_generations", {}, &num_generations_)}, "self_play/");
  return fields;
}

Fields SelfPlay::state() {
  while (num_generations() < num_generations_) {
    generations_.push_back(makers_.generation(one_match_));
  }
  Fields fields = learner_->state();
  append(fields,
         {make_field("num_generations", {}, &num_generations_),
          make_field("num_iterations", {}, &num_iterations_)},
         "self_play/");
  for (int k = 0; k < num_generations(); ++k) {
    append(fields, generation(k).policy(), "self_play/" + std::to_string(k) + '/');
  }
  if (opponents_) {
    append(fields, present_->policy(), "self_play/present/");
    append(fields, opponents_->state(), "self_play/opponents/");
  }
  return fields;
}

void SelfPlay::restore() {
  learner_->restore();
  for (const std::unique_ptr<Agent>& generation : generations_) {
    generation->restore();
  }
  if (opponents_) {
    present_->restore();
  }
  show_opponents();
}

}  // namespace fleet::agents
