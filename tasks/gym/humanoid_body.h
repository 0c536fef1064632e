#pragma once

#include <string>

#include "tasks/gym/gym_task.h"

namespace fleet::tasks {

/// What Humanoid and HumanoidStandup have in common: the body, what it observes, what it costs.
class HumanoidBody : public GymTask {
 public:
  template <class V>
  void after_substeps(V& view, auto& /*memory*/) const {
    view.rne_post_constraint();
  }

 protected:
  HumanoidBody(const std::string& name, const mjModel& model) : GymTask(name, model, 5) {
    const int num_bodies = nbody_ - 1;
    auto& terms = spec_.observations[0].terms;
    terms = state_terms(kFirstQpos);
    terms.push_back({.name = "cinert",
                     .dim = 10 * num_bodies,
                     .unit = "kg m^2, kg m, kg",
                     .frame = "world, about the centre of mass"});
    terms.push_back({.name = "cvel",
                     .dim = 6 * num_bodies,
                     .unit = "rad/s, m/s",
                     .frame = "world, at the centre of mass"});
    terms.push_back(
        {.name = "qfrc_actuator", .dim = nv_ - kRootDofs, .unit = "N m", .frame = "joint"});
    terms.push_back({.name = "cfrc_ext",
                     .dim = 6 * num_bodies,
                     .unit = "N m, N",
                     .frame = "world, at the centre of mass"});
  }

  template <class V>
  void write_body(V& view, typename V::Real* out) const {
    const int num_bodies = nbody_ - 1;  // the world's row is left out
    out = write_state(view, kFirstQpos, kUnbounded, out);
    view.for_each(10 * num_bodies, [&](int i) { out[i] = view.cinert(1 + i / 10, i % 10); });
    out += 10 * num_bodies;
    view.for_each(6 * num_bodies, [&](int i) { out[i] = view.cvel(1 + i / 6, i % 6); });
    out += 6 * num_bodies;
    view.for_each(nv_ - kRootDofs, [&](int i) { out[i] = view.qfrc_actuator(kRootDofs + i); });
    out += nv_ - kRootDofs;
    view.for_each(6 * num_bodies, [&](int i) { out[i] = view.cfrc_ext(1 + i / 6, i % 6); });
  }

  /// The weighted cost of being pushed from outside, clipped to `range`.
  template <class V>
  typename V::Real impact_cost(V& view, double weight, const Range& range) const {
    using Real = typename V::Real;
    const Real total =
        view.sum(6 * nbody_, [&](int i) { return squared(view.cfrc_ext(i / 6, i % 6)); });
    return clamp(Real(weight) * total, Real(range[0]), Real(range[1]));
  }

  template <class V>
  typename V::Real ctrl_squared(V& view) const {
    return view.sum(nu_, [&](int i) { return squared(view.ctrl(i)); });
  }

 private:
  static constexpr int kFirstQpos = 2;  // x and y are not observed
  static constexpr int kRootDofs = 6;
};

}  // namespace fleet::tasks
