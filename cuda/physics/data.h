#pragma once

#include <vector>

#include "cuda/aligned_vector.h"
#include "cuda/physics/model.h"
#include "cuda/physics/pack.h"

namespace fleet::physics {

/// Rows of the constraint solver that touch one dof each: friction loss and limits of joints.
template <class R>
struct DofRows {
  int num = 0;                 ///< that some world of the pack needs
  std::vector<int> dof;        ///< (capacity)
  AlignedVector<R> sign;       ///< the row's only entry: +1, -1
  AlignedVector<R> D;          ///< 1 / regulariser; 0 where a world does not have this row
  AlignedVector<R> aref;       ///< reference acceleration
  AlignedVector<R> frictionloss;  ///< 0: the row only pushes (a limit)
  AlignedVector<R> jar, jv, force;  ///< residual, its change along the search direction, force
  AlignedVector<R> curvature;  ///< second derivative of the cost: D or 0
};

/// Rows that touch several dofs together: a contact (its cone), a ball joint's or tendon's limit, a
/// tendon's friction. One block each; all rows of a block share the columns.
template <class R>
struct RowBlocks {
  struct Block {
    int slot = -1;                 ///< of the contact; -1: a limit or friction of joint or tendon
    int id = -1;                   ///< joint or tendon, where slot is -1
    int dim = 1;                   ///< rows: normal, tangents, spin, roll, roll
    int num_columns = 0;
    const int* columns = nullptr;  ///< dofs, ascending
    int J = 0;                     ///< first number of J: (dim x num_columns)
    int row = 0;                   ///< first of this block's dim rows
    int H = 0;                     ///< first number of H: (dim x dim), the upper triangle counts
  };
  int num = 0, num_rows = 0, num_J = 0, num_H = 0;
  std::vector<Block> block;
  AlignedVector<R> J;
  AlignedVector<R> D, aref, jar, jv, force;  ///< per row; D of rows after the first: see cone.h
  AlignedVector<R> H;         ///< the cost's second derivative by the block's rows
  AlignedVector<R> mu;        ///< per block: friction of the regularised cone
  AlignedVector<R> friction;  ///< (num x 5)
  AlignedVector<R> frictionloss;  ///< per block: 0 unless a tendon's friction
};

/// Contacts that some world of the pack has, in slot order.
template <class R>
struct Contacts {
  int num = 0;
  std::vector<int> slot, pair;  ///< (capacity)
  std::vector<MaskOf<R>> active;  ///< which worlds have it
  AlignedVector<R> dist;          ///< m; 1 where a world does not have it
  AlignedVector<R> pos;           ///< (num x 3) m, midway between the surfaces
  AlignedVector<R> frame;         ///< (num x 9) rows: normal from geom1 to geom2, two tangents
  AlignedVector<R> force;         ///< (num x 6) N and N m in that frame, as mj_contactForce
};

/// One pack's working memory: MuJoCo's names and shapes, a pack per number. A thread has one, and
/// its packs take turns in it; state lives elsewhere (engine.h). Grouped by the stage that fills it.
template <class R>
struct PhysicsData {
  explicit PhysicsData(const Physics<ScalarOf<R>>& physics);

  ModelFields<AlignedVector<R>> field;  ///< the worlds' own model numbers

  // State and inputs.
  AlignedVector<R> qpos, qvel, act, ctrl, qacc_warmstart;
  AlignedVector<R> qfrc_applied, xfrc_applied;  // (nv), (nbody x 6) force, torque at the body's com

  // kinematics()
  AlignedVector<R> xpos, xquat, xmat, xipos, ximat;    // (nbody x 3, 4, 9, 3, 9)
  AlignedVector<R> xanchor, xaxis;                     // (njnt x 3)
  AlignedVector<R> geom_xpos, geom_xmat, site_xpos, site_xmat;

  // com_pos(), make_M(), factor_M(), tendons, transmission
  AlignedVector<R> subtree_com, cinert, cdof, crb;  // (nbody x 3, 10), (nv x 6), (nbody x 10)
  AlignedVector<R> M, qLD, qLDiagInv;               // (nC, nC, nv) factor: M = L' D L
  AlignedVector<R> ten_length, actuator_length, actuator_moment;  // moment: (nu x nv)

  Contacts<R> contact;
  DofRows<R> dof_rows;
  RowBlocks<R> blocks;

  // com_vel(), passive(), rne()
  AlignedVector<R> cvel, cdof_dot;  // (nbody x 6), (nv x 6) rotation, translation
  AlignedVector<R> ten_velocity, actuator_velocity;
  AlignedVector<R> qfrc_passive, qfrc_bias;

  // actuation(), acceleration
  AlignedVector<R> actuator_force, act_dot, qfrc_actuator, qfrc_smooth, qacc_smooth;

  // solve()
  AlignedVector<R> qacc, qfrc_constraint;
  R solver_niter, solver_improvement, solver_gradient;  ///< per world, for tests and benchmarks

  // rne_post_constraint(), sensors()
  AlignedVector<R> subtree_linvel, subtree_angmom;  // (nbody x 3)
  AlignedVector<R> cacc, cfrc_int, cfrc_ext;        // (nbody x 6)
  AlignedVector<R> sensordata;

  AlignedVector<R> scratch_body, scratch_dof;  // (nbody x 16), (nv x 8)
};

}  // namespace fleet::physics
