#include "cuda/physics/team/team_model.h"

#include <algorithm>
#include <new>

#include "cuda/physics/team/arrays.h"

namespace fleet::physics {
namespace {

/// Calls f(from, to) for every array.
template <class T>
void zip_arrays(const Physics<T>& physics, const TeamPlan<>& plan, TeamModel<T>& to, auto&& f) {
  zip_model_arrays(physics.model, to.model, f);
  zip_plan_arrays(plan, to.plan, f);
  to.fields.zip(physics.fields, to.fields,
                [&](const char*, const auto& from, auto& array) { f(from, array); });
}

/// Lays the arrays out behind the head, at memory, or only counts bytes if that is null.
template <class T>
std::size_t lay_out(const Physics<T>& physics, const TeamPlan<>& plan, TeamModel<T>& head,
                    std::byte* memory) {
  ArrayBlock block(memory);
  Array<std::byte> own;
  block.take(own, sizeof(TeamModel<T>));
  zip_arrays(physics, plan, head, [&](const auto& from, auto& to) {
    block.take(to, static_cast<std::ptrdiff_t>(from.size()));
  });
  return block.used();
}

}  // namespace

template <class T>
std::size_t team_model_size(const Physics<T>& physics) {
  TeamModel<T> head;
  return lay_out<T>(physics, make_team_plan(physics.model), head, nullptr);
}

template <class T>
std::vector<std::byte> make_team_model(const Physics<T>& physics, int max_contacts,
                                       std::byte* address) {
  const TeamPlan<> plan = make_team_plan(physics.model);
  std::vector<std::byte> bytes(team_model_size(physics));
  TeamModel<T>& head = *new (bytes.data()) TeamModel<T>;
  static_cast<PhysicsOptions<T>&>(head.model) = physics.model;
  head.plan.max_dim = plan.max_dim;
  head.plan.max_columns = plan.max_columns;
  head.plan.max_block = plan.max_block;
  head.max_contacts = max_contacts;
  lay_out(physics, plan, head, bytes.data());
  zip_arrays(physics, plan, head, [&](const auto& from, auto& to) {
    std::copy(from.begin(), from.end(), to.begin());
    std::byte* const place = address + (reinterpret_cast<std::byte*>(to.data()) - bytes.data());
    to.bind(reinterpret_cast<decltype(to.data())>(place), static_cast<int>(to.size()));
  });
  return bytes;
}

template std::size_t team_model_size(const Physics<float>&);
template std::size_t team_model_size(const Physics<double>&);
template std::vector<std::byte> make_team_model(const Physics<float>&, int, std::byte*);
template std::vector<std::byte> make_team_model(const Physics<double>&, int, std::byte*);

}  // namespace fleet::physics
