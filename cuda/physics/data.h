#pragma once

#include <cstdint>

#include "cuda/aligned_vector.h"
#include "cuda/physics/array.h"
#include "cuda/physics/model.h"
#include "cuda/physics/pack.h"

namespace fleet::physics {

/// Rows of the constraint solver that touch one dof each: friction loss and limits of joints.
template <class R>
struct DofRows {
  int num = 0;                    ///< that some world of the pack needs
  int num_friction = 0;           ///< the first ones are friction loss, the others limits
  Array<int> dof, id;             ///< id: the joint of a limit, the dof of friction loss
  Array<R> sign;                  ///< the row's only entry: +1, -1
  Array<R> D;                     ///< 1 / regulariser; 0 where a world does not have this row
  Array<R> aref;                  ///< reference acceleration
  Array<R> frictionloss;          ///< largest force of a friction row
  Array<R> jar, jv;               ///< J qacc - aref, J search
  Array<R> force, curvature;      ///< minus first and second derivative of its cost by jar
};

/// What the cost of a block is.
enum class BlockKind { kLimit, kEquality, kFrictionLoss, kFrictionless, kPyramidal, kElliptic };

/// Rows that touch several dofs together: a contact (its cone), a ball joint's or tendon's limit, a
/// tendon's friction, an equality. One block each; all rows of a block share the columns. A pyramid has the rows
/// of its axes (normal, tangents, spin, rolls), not of its edges: cone.h.
template <class R>
struct RowBlocks {
  struct Block {
    BlockKind kind = BlockKind::kLimit;
    int contact = -1;              ///< index into Contacts; -1: none
    int dim = 1;                   ///< rows
    int num_columns = 0;
    const int* columns = nullptr;  ///< dofs, ascending
    int row = 0;                   ///< first of this block's dim rows
    int J = 0;                     ///< first number of J: (dim x num_columns)
    int H = 0;                     ///< first number of H: (dim x dim), lower triangle
  };
  int num = 0, num_rows = 0, num_J = 0, num_H = 0;
  Array<Block> block;
  int num_live = 0;
  Array<int> live;  ///< blocks that some world still iterating has
  Array<R> J;
  Array<R> D, aref, jar, jv, force;  ///< per row; a pyramid's D is that of its edges
  Array<R> H;                        ///< second derivative of the block's cost by its rows
  Array<R> mu;                       ///< per block: friction of the regularised cone
  Array<R> friction;                 ///< (num x 5); [0] of a kFrictionLoss block is its limit, of a
                                     ///< kEquality block infinite
};

/// Contacts that some world of the pack has, in slot order.
template <class R>
struct Contacts {
  int num = 0;
  Array<int> slot, pair;    ///< (capacity)
  Array<MaskOf<R>> active;  ///< which worlds have it
  Array<R> dist;            ///< m; 1 where a world does not have it
  Array<R> pos;             ///< (num x 3) m, midway between the surfaces
  Array<R> frame;           ///< (num x 9) rows: normal from geom1 to geom2, two tangents
  Array<R> force;           ///< (num x 6) N and N m in that frame, as mj_contactForce
};

/// What fourth-order Runge-Kutta keeps between its stages. Empty for other integrators.
template <class R>
struct RungeKuttaMemory {
  Array<R> qpos, qvel, act;                      ///< at the step's start
  Array<R> velocity, turned;                     ///< (nv) of this stage, of the last
  Array<R> velocity_sum, qacc_sum, act_dot_sum;  ///< weighted over the stages
};

/// The arrays of one pack's, or one world's, working memory: MuJoCo's names and shapes, grouped by
/// the stage that fills them. Owns nothing: see PhysicsMemory below, and team/.
template <class R>
struct PhysicsData {
  ModelFields<Array<R>> field;  ///< the worlds' own model numbers

  // State and inputs.
  Array<R> qpos, qvel, act, ctrl, qacc_warmstart;
  Array<R> qfrc_applied, xfrc_applied;  // (nv), (nbody x 6) force, torque at the body's com
  bool has_applied = false;  ///< whether qfrc_applied or xfrc_applied hold anything but zeros

  // kinematics()
  Array<R> xpos, xquat, xmat, xipos, ximat;  // (nbody x 3, 4, 9, 3, 9)
  Array<R> xanchor, xaxis;                   // (njnt x 3)
  Array<R> geom_xpos, geom_xmat, site_xpos, site_xmat;

  // com_pos(), make_M(), factor_M(), tendons, transmission
  Array<R> subtree_com, cinert, cdof, crb;  // (nbody x 3, 10), (nv x 6), (nbody x 10)
  Array<R> M, qLD, qLDiagInv;               // (nC, nC, nv) factor: M = L' D L
  Array<R> ten_length, actuator_length;
  Array<R> actuator_moment;  // (moment_colind)

  Contacts<R> contact;
  DofRows<R> dof_rows;
  RowBlocks<R> blocks;

  // com_vel(), passive(), rne()
  Array<R> cvel, cdof_dot;  // (nbody x 6), (nv x 6) rotation, translation
  Array<R> ten_velocity, actuator_velocity;
  Array<R> qfrc_passive, qfrc_gravcomp, qfrc_bias;

  // actuation(), acceleration
  Array<MaskOf<R>> tendon_at_limit;  // whether its actuators together pull with all they may
  Array<R> actuator_force, act_dot, qfrc_actuator, qfrc_smooth, qacc_smooth;

  // solve()
  Array<R> qacc, qfrc_constraint;
  int solver_niter = 0;  ///< Newton iterations of this pack: of its slowest world

  // rne_post_constraint(), sensors()
  Array<R> subtree_linvel, subtree_angmom;  // (nbody x 3)
  Array<R> cacc, cfrc_int, cfrc_ext;        // (nbody x 6)
  Array<R> sensordata;

  // The Newton system: lower triangle, and per row which columns are not zero (nv <= 64).
  Array<R> H, H_diag_inv;                     // (nv x nv, nv)
  Array<std::uint64_t> M_pattern, H_pattern;  // (nv) bit j: column j < i
  Array<int> H_rownnz, H_colind;              // (nv, nv x nv)
  Array<R> Ma, grad, search, Mv;              // (nv) M qacc, gradient, direction, M search

  // Integrators: a body's Jacobian in its own axes; systems and accelerations of loose bodies.
  Array<R> fluid_axes, free_matrix, free_qacc;  // (nv x 6), (free_bodies x 36, 6)
  RungeKuttaMemory<R> stages;
  Array<R> scratch_body, scratch_dof;  // (nbody x 12), (nv x 4)
};

/// Working memory of a pack. A thread has one, and its packs take turns in it; state lives
/// elsewhere (engine.h). There is room for every contact and row that the model could ever ask for.
template <class R>
class PhysicsMemory : public PhysicsData<R> {
 public:
  explicit PhysicsMemory(const Physics<ScalarOf<R>>& physics);

 private:
  AlignedVector<std::byte> memory_;
};

}  // namespace fleet::physics
