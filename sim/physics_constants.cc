#include "sim/physics_constants.h"

#include <array>
#include <new>
#include <utility>

namespace fleet::sim {
namespace {

struct Field {
  const char* name;
  mjtNum* numbers;
};

std::array<Field, 5> sources(mjModel& m) {
  return {{{"body_mass", m.body_mass},
           {"body_ipos", m.body_ipos},
           {"body_iquat", m.body_iquat},
           {"body_inertia", m.body_inertia},
           {"dof_armature", m.dof_armature}}};
}

std::array<Field, 3> derived(mjModel& m) {
  return {{{"body_subtreemass", m.body_subtreemass},
           {"body_invweight0", m.body_invweight0},
           {"dof_invweight0", m.dof_invweight0}}};
}

/// One world's numbers of an expanded field: f(number, lane's pack).
template <class R>
void for_each_number(physics::Worlds<R>& worlds, std::span<R> values, int world, auto&& f) {
  const std::size_t size = values.size() / worlds.num_packs();
  const std::size_t first = static_cast<std::size_t>(world / worlds.kWidth) * size;
  for (std::size_t i = 0; i < size; ++i) {
    f(i, values[first + i]);
  }
}

}  // namespace

ConstantSolver::ConstantSolver(const mjModel& model) : model_(mj_copyModel(nullptr, &model)) {
  if (!model_) {
    throw std::bad_alloc();
  }
  data_ = make_data(*model_);
}

template <class R>
void ConstantSolver::update(physics::Worlds<R>& worlds, int world) {
  const int lane = world % worlds.kWidth;
  for (const Field& field : sources(*model_)) {
    for_each_number(worlds, worlds.expanded(field.name), world,
                    [&](std::size_t i, const R& x) { field.numbers[i] = physics::lane(x, lane); });
  }
  mj_setConst(model_.get(), data_.get());
  for (const Field& field : derived(*model_)) {
    for_each_number(worlds, worlds.expand(field.name), world, [&](std::size_t i, R& x) {
      physics::set_lane(x, lane, static_cast<physics::ScalarOf<R>>(field.numbers[i]));
    });
  }
}

template void ConstantSolver::update(physics::Worlds<double>&, int);
template void ConstantSolver::update(physics::Worlds<physics::FloatPack<8>>&, int);
template void ConstantSolver::update(physics::Worlds<physics::FloatPack<16>>&, int);

}  // namespace fleet::sim
