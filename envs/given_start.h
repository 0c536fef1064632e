#pragma once

namespace fleet::envs {

/// The view of a world whose start state is given: a task that begins an episode reads it, and
/// draws the rest around it.
template <class View>
class GivenStart : public View {
 public:
  using View::View;
  void set_qpos(int /*i*/, typename View::Real /*value*/) {}
  void set_qvel(int /*i*/, typename View::Real /*value*/) {}
};

}  // namespace fleet::envs
