#pragma once

#include <array>
#include <string>
#include <vector>

#include "sim/mj_view.h"
#include "tasks/task.h"
#include "tasks/velocity/velocity_config.h"
#include "tasks/velocity/velocity_memory.h"
#include "tasks/velocity/velocity_observation.h"

namespace fleet::tasks {

/// Where the velocity task's quantities lie in the model's arrays.
struct VelocityAddresses {
  int root_qpos = 0, root_qvel = 0;
  int root_body = 0, torso_body = 0;
  int gyro = 0, velocimeter = 0;                       ///< sensordata
  int self_collision = -1, angular_momentum = -1, torso_rate = -1;  ///< sensordata; -1: none
  int num_falls = 0;
  int first_fall = 0;                                  ///< sensordata, 4 numbers each
  std::array<int, kMaxJoints> qpos{}, qvel{}, ctrl{};
  std::array<int, kMaxFeet> foot_site{};
  std::array<int, kMaxFeet> foot_contact{};            ///< sensordata: found, force
  std::array<int, kMaxFeet> foot_velocity{};           ///< sensordata
};

/// A legged robot follows velocity commands on flat ground: mjlab 1.6's task, robots as data.
/// Differences from the original: README.md of this folder. The concept: tasks/task.h.
class VelocityTask {
 public:
  using Config = VelocityConfig;
  template <class Real>
  using Memory = VelocityMemory<Real>;

  VelocityTask(const Config& config, const mjModel& model);

  /// The sensors that build_robot() must add for this config.
  static sim::SensorSelection sensors(const Config& config);

  const TaskSpec& spec() const { return spec_; }
  const VelocityNumbers& numbers() const { return numbers_; }
  const VelocityAddresses& addresses() const { return at_; }

  std::vector<std::string> randomised_fields() const { return {"geom_friction", "body_ipos"}; }
  void startup(FieldRows fields, Memory<double>& memory, const Draws& draws) const;

  template <class V>
  void start(V& v, Memory<double>& memory, const Draws& draws) const;
  template <class V, class M>
  void before_substep(V& v, M& memory, const typename V::Real* action) const;
  template <class V, class M>
  void after_substep(V& v, M& memory) const;
  template <class V, class M>
  void after_substeps(V& /*v*/, M& /*memory*/) const {}
  template <class V, class M>
  std::array<typename V::Mask, 1> evaluate(V& v, M& memory, const typename V::Real* action,
                                           typename V::Real* reward,
                                           typename V::Real* metrics) const;
  template <class V, class M>
  typename V::Mask tick(V& v, M& memory, const Draws& draws) const;
  template <class V>
  bool disturb(V& v, Memory<double>& memory, const Draws& draws) const;
  template <class V, class M>
  void observe(V& v, const M& memory, int player, int group, typename V::Real* out) const;

 private:
  double hardship(const Draws& draws) const;
  const CommandStage& stage(const Draws& draws) const;
  void resample_command(VelocityMemory<double>& memory, Random& random, const Draws& draws) const;
  template <class V>
  void push(V& v, Memory<double>& memory, const Draws& draws) const;
  template <class V>
  void maybe_set_moving(V& v, const Memory<double>& memory, Random& random) const;
  template <class V>
  typename V::Real heading(const V& v) const;
  template <class V, class M>
  void steer_to_heading(V& v, M& memory, const Draws& draws) const;
  template <class V, class M>
  VelocityInputs<typename V::Real> inputs(V& v, M& memory) const;
  template <class V, class M>
  void write_metrics(const VelocityInputs<typename V::Real>& in, V& v, const M& memory,
                     typename V::Real* metrics) const;

  Config config_;
  TaskSpec spec_;
  VelocityNumbers numbers_;
  VelocityAddresses at_;
  std::vector<int> friction_geoms_;
  std::array<double, 3> nominal_com_{};  ///< m, of the torso
};

}  // namespace fleet::tasks

#include "tasks/velocity/velocity_events.h"  // IWYU pragma: keep (the templates' bodies)
#include "tasks/velocity/velocity_step.h"    // IWYU pragma: keep
