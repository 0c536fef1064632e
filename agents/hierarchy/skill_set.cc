#include "agents/hierarchy/skill_set.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cuda/require.h"

namespace fleet::agents {

SkillSet::SkillSet(std::vector<std::unique_ptr<Agent>> skills, std::vector<int> dims)
    : skills_(std::move(skills)), dims_(std::move(dims)) {
  require(skills_.size() == dims_.size() && !skills_.empty(), "skills and their dims do not match");
}

int SkillSet::max_dim() const { return std::ranges::max(dims_); }

void SkillSet::act(std::span<const int> skill, BatchView<const float> shown,
                   BatchView<float> action) {
  for (std::size_t k = 0; k < skills_.size(); ++k) {
    rows_.clear();
    for (std::size_t row = 0; row < skill.size(); ++row) {
      if (skill[row] == static_cast<int>(k)) {
        rows_.push_back(static_cast<int>(row));
      }
    }
    if (!rows_.empty()) {
      act_one(k, shown, action);
    }
  }
}

void SkillSet::act_one(std::size_t k, BatchView<const float> shown, BatchView<float> action) {
  const int count = static_cast<int>(rows_.size());
  const int dim = dims_[k];
  shown_.resize(rows_.size() * static_cast<std::size_t>(dim));
  action_.resize(rows_.size() * static_cast<std::size_t>(action.num_columns()));
  const BatchView<float> seen(shown_.data(), count, dim);
  const BatchView<float> done(action_.data(), count, action.num_columns());
  for (int i = 0; i < count; ++i) {
    std::copy_n(shown.row(rows_[static_cast<std::size_t>(i)]).begin(), dim, seen.row(i).begin());
  }
  skills_[k]->act(seen, done);
  for (int i = 0; i < count; ++i) {
    std::ranges::copy(done.row(i), action.row(rows_[static_cast<std::size_t>(i)]).begin());
  }
}

Fields SkillSet::policy() {
  Fields fields;
  for (std::size_t k = 0; k < skills_.size(); ++k) {
    for (Field& field : skills_[k]->policy()) {
      field.name = std::to_string(k) + '/' + field.name;
      fields.push_back(std::move(field));
    }
  }
  return fields;
}

void SkillSet::restore() {
  for (const std::unique_ptr<Agent>& skill : skills_) {
    skill->restore();
  }
}

}  // namespace fleet::agents
