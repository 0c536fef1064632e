#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "cuda/field.h"
#include "envs/batch_env.h"

namespace fleet::envs {

/// A copy of every env's observation, all groups.
class ObservationRows {
 public:
  explicit ObservationRows(const EnvSpec& spec) : num_rows_(spec.num_rows()) {
    for (const ObservationGroup& group : spec.observations) {
      names_.push_back(group.name);
      dims_.push_back(group.dim());
      values_.emplace_back(static_cast<std::size_t>(num_rows_) *
                           static_cast<std::size_t>(group.dim()));
    }
  }

  BatchView<float> view(std::size_t group) {
    return {values_[group].data(), num_rows_, dims_[group]};
  }

  void append_state(Fields& fields) {
    for (std::size_t group = 0; group < values_.size(); ++group) {
      fields.push_back(make_field("env/observation/" + names_[group], {num_rows_, dims_[group]},
                                  values_[group].data()));
    }
  }

 private:
  int num_rows_;
  std::vector<std::string> names_;
  std::vector<int> dims_;
  std::vector<std::vector<float>> values_;
};

}  // namespace fleet::envs
