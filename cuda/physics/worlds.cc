#include "cuda/physics/worlds.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>

namespace fleet::physics {
namespace {

/// The place of a field in the order of ModelFields. @throws std::invalid_argument
template <class Fields>
int index_of(const Fields& fields, const char* name) {
  int count = 0;
  int found = -1;
  fields.fields([&](const char* other, const auto&) {
    found = std::strcmp(name, other) == 0 ? count : found;
    ++count;
  });
  if (found < 0) {
    throw std::invalid_argument("no model field that can differ between worlds: '" +
                                std::string(name) + '\'');
  }
  return found;
}

/// The arrays of a state one after the other: f(array).
template <class Data>
void for_each_state_array(Data& data, auto&& f) {
  f(data.qpos);
  f(data.qvel);
  f(data.act);
  f(data.qacc_warmstart);
  f(data.ctrl);
}

}  // namespace

template <class R>
Worlds<R>::Worlds(const Physics<ScalarOf<R>>& physics, int num_worlds)
    : physics_(&physics), num_worlds_(num_worlds), num_packs_((num_worlds + kWidth - 1) / kWidth) {
  const PhysicsModel<ScalarOf<R>>& m = physics.model;
  state_size_ = m.nq + m.nv + m.na + m.nv + m.nu;
  state_.assign(static_cast<std::size_t>(num_packs_) * state_size_, R(0.0));
  for (int pack = 0; pack < num_packs_; ++pack) {
    std::transform(m.qpos0.begin(), m.qpos0.end(), &state_[pack * state_size_],
                   [](ScalarOf<R> x) { return R(x); });
  }
}

template <class R>
std::span<R> Worlds<R>::expand(const char* field) {
  if (const std::span<R> before = expanded(field); !before.empty()) {
    return before;
  }
  Expanded added{.field = index_of(physics_->fields, field), .size = 0, .values = {}};
  int count = 0;
  physics_->fields.fields([&](const char*, const auto& own) {
    if (count++ == added.field) {
      added.size = static_cast<int>(own.size());
      for (int pack = 0; pack < num_packs_; ++pack) {
        std::transform(own.begin(), own.end(), std::back_inserter(added.values),
                       [](ScalarOf<R> x) { return R(x); });
      }
    }
  });
  expanded_.push_back(std::move(added));
  return expanded_.back().values;
}

template <class R>
std::span<R> Worlds<R>::expanded(const char* field) {
  const int index = index_of(physics_->fields, field);
  for (Expanded& each : expanded_) {
    if (each.field == index) {
      return each.values;
    }
  }
  return {};
}

template <class R>
void Worlds<R>::load(int pack, PhysicsData<R>& data) const {
  const R* from = state_.data() + static_cast<std::size_t>(pack) * state_size_;
  for_each_state_array(data, [&](Array<R>& to) {
    std::copy_n(from, to.size(), to.begin());
    from += to.size();
  });
  if (expanded_.empty()) {
    return;
  }
  int count = 0;
  data.field.fields([&](const char*, Array<R>& to) {
    for (const Expanded& each : expanded_) {
      if (each.field == count) {
        std::copy_n(each.values.begin() + static_cast<std::ptrdiff_t>(pack) * each.size, each.size,
                    to.begin());
      }
    }
    ++count;
  });
}

template <class R>
void Worlds<R>::store(int pack, const PhysicsData<R>& data) {
  R* to = state_.data() + static_cast<std::size_t>(pack) * state_size_;
  for_each_state_array(data,
                       [&](const Array<R>& from) { to = std::copy(from.begin(), from.end(), to); });
}

template class Worlds<double>;
template class Worlds<FloatPack<8>>;
template class Worlds<FloatPack<16>>;

}  // namespace fleet::physics
