#pragma once

#include <array>
#include <string>
#include <vector>

#include "sim/mj_view.h"
#include "sim/model.h"
#include "tasks/task.h"
#include "tasks/volley/match_terms.h"
#include "tasks/volley/pair_terms.h"
#include "tasks/volley/skill_terms.h"
#include "tasks/volley/solo_terms.h"
#include "tasks/volley/volley_observation.h"
#include "tasks/volley/volley_physics.h"
#include "tasks/volley/volley_scene.h"

namespace fleet::tasks {

/// Drone volleyball: one class for all of its tasks, because they differ in terms alone. The rules
/// and where they differ from VolleyBots': README.md of this folder. The concept: tasks/task.h.
///
/// Everything is read from qpos and qvel; MuJoCo knows of no contact here (ball_flight.h).
class VolleyTask {
 public:
  using Config = VolleyConfig;
  static constexpr const char* kName = "volley";
  template <class Real>
  using Memory = VolleyMemory<Real>;

  VolleyTask(const Config& config, const mjModel& model);

  static sim::ModelPtr build_model(const Config& config) { return build_volley_scene(config); }

  const TaskSpec& spec() const { return spec_; }
  const VolleyNumbers& numbers() const { return n_; }

  template <class V>
  void start(V& view, Memory<double>& memory, const Draws& draws) const;

  template <class V, class M>
  void before_substep(V& view, M& memory, const typename V::Real* action) const {
    drive_drones(n_, view, memory, action);
  }

  template <class V, class M>
  void after_substep(V& view, M& memory) const;

  template <class V, class M>
  void after_substeps(V& view, M& /*memory*/) const {
    view.clear_xfrc_applied();
  }

  template <class V, class M>
  std::array<typename V::Mask, kVolleyTerminations> evaluate(V& view, M& memory,
                                                             const typename V::Real* action,
                                                             typename V::Real* reward,
                                                             typename V::Real* metrics) const;

  template <class V, class M>
  typename V::Mask tick(V& /*view*/, M& /*memory*/, const Draws& /*draws*/) const {
    return typename V::Mask(false);
  }
  template <class V>
  bool disturb(V& /*view*/, Memory<double>& /*memory*/, const Draws& /*draws*/) const {
    return false;
  }

  template <class V, class M>
  void observe(V& view, const M& memory, int player, int group, typename V::Real* out) const;

 private:
  template <class V>
  void start_drone(V& view, Random& random, int player) const;
  template <class V>
  void start_aimed_hit(V& view, Memory<double>& memory, Random& random) const;
  template <class V>
  void scatter_players(V& view, Random& random) const;
  template <class V>
  void start_in_pass(V& view, Memory<double>& memory, Random& random) const;
  template <class V>
  void start_in_rally(V& view, Memory<double>& memory, Random& random, int team) const;

  Config config_;
  VolleyNumbers n_;
  TaskSpec spec_;
  std::vector<double> weights_;  // (reward_terms)
};

}  // namespace fleet::tasks

#include "tasks/volley/volley_start.h"  // IWYU pragma: keep (the templates' bodies)
#include "tasks/volley/volley_step.h"   // IWYU pragma: keep
