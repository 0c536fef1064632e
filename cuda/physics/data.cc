#include "cuda/physics/data.h"

#include <algorithm>

#include "cuda/physics/actuation.h"
#include "cuda/physics/data_layout.h"

namespace fleet::physics {
namespace {

/// Room for the worlds' own model numbers.
template <class R>
void take_fields(const Physics<ScalarOf<R>>& physics, PhysicsData<R>& d, ArrayBlock& block) {
  d.field.zip(physics.fields, d.field, [&](const char*, const auto& from, Array<R>& to) {
    block.take(to, static_cast<int>(from.size()));
  });
}

template <class R>
void fill_M_pattern(const PhysicsModel<ScalarOf<R>>& m, PhysicsData<R>& d) {
  for (int i = 0; i < m.nv && m.nv <= 64; ++i) {  // more: no constraints, hence no Newton system
    for (int k = m.M_rowadr[i]; k < m.M_rowadr[i] + m.M_rownnz[i] - 1; ++k) {
      d.M_pattern[i] |= std::uint64_t{1} << m.M_colind[k];
    }
  }
}

/// The world body stands still at the origin; constant moment arms are written once.
template <class R>
void fill_constants(const Physics<ScalarOf<R>>& physics, PhysicsData<R>& d) {
  const PhysicsModel<ScalarOf<R>>& m = physics.model;
  d.field.zip(physics.fields, d.field, [](const char*, const auto& from, Array<R>& to) {
    std::transform(from.begin(), from.end(), to.begin(), [](ScalarOf<R> x) { return R(x); });
  });
  d.xquat[0] = R(1.0);
  for (const int k : {0, 4, 8}) {
    d.xmat[k] = R(1.0);
    d.ximat[k] = R(1.0);
  }
  std::transform(m.qpos0.begin(), m.qpos0.end(), d.qpos.begin(), [](auto x) { return R(x); });
  for (int u = 0; u < m.nu; ++u) {
    constant_moment(m, d, u);
  }
  fill_M_pattern(m, d);
}

}  // namespace

template <class R>
PhysicsMemory<R>::PhysicsMemory(const Physics<ScalarOf<R>>& physics) {
  const Capacity capacity = full_capacity(physics.model);
  const auto take_all = [&](ArrayBlock block) {
    take_fields(physics, *this, block);
    take_arrays<R>(physics.model, capacity, *this, block);
    return block.used();
  };
  memory_.resize(take_all(ArrayBlock()));
  take_all(ArrayBlock(memory_.data()));
  fill_constants<R>(physics, *this);
}

template class PhysicsMemory<double>;
template class PhysicsMemory<FloatPack<8>>;
template class PhysicsMemory<FloatPack<16>>;

}  // namespace fleet::physics
